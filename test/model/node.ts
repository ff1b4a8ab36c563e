/** A node: its agent, that comes and goes, and the kubelet with its runtime, that call it. */
import { PODS, type Pod, stateOf } from '#api';
import type { CniRequest } from '#cni';
import { type Agent, startAgent } from './agent.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { createMachine, type Life, type Machine } from './machine.ts';
import type { Network } from './network.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Node {
  readonly name: string;
  readonly machine: Machine;
  readonly sandboxes: readonly Sandbox[];
  readonly isUp: boolean;
  /** Things on the node that take their time. */
  readonly slow: readonly SlowItem[];
  start(): void;
  /** Whether the machine itself has gone, for good. */
  readonly isLost: boolean;
  /** The machine burns: no agent, no pods, no disk. */
  lose(): void;
  /** The agent ends as by kill -9. */
  crash(): void;
  /** The same, at the n-th next thing that it does to its disk. */
  crashAt(beats: number): void;
  /** Has an ADD sent for a new sandbox of the pod. */
  runPod(pod: Pod): void;
  /** Has the same ADD sent once more. */
  repeatAdd(sandbox: Sandbox): void;
  /** Has a DEL sent, the first or one more. */
  endSandbox(sandbox: Sandbox): void;
  hangUp(sandbox: Sandbox): void;
  /** Pods with which the kubelet has something to do. */
  pending(): readonly PodName[];
  /** Does what is next with a pod, if anything. */
  sync(pod: PodName): void;
}

interface PodName {
  readonly name: string;
  readonly uid: string;
}

export interface Sandbox {
  readonly id: string;
  readonly pod: PodName;
  readonly state: 'adding' | 'up' | 'failed' | 'deleting' | 'gone';
}

export interface SlowItem {
  readonly kind: 'slow';
  readonly text: string;
  readonly canFail: boolean;
  arrive(): void;
  fail(): void;
}

interface OwnSandbox extends Sandbox {
  state: Sandbox['state'];
  hangUp: AbortController;
}

export interface NodeOptions {
  readonly name: string;
  readonly network: Network;
  readonly time: VirtualTime;
  readonly objects: ClusterObjects;
  readonly trace: Trace;
  readonly hasLease: boolean;
}

export function createNode({ name, network, time, objects, trace, hasLease }: NodeOptions): Node {
  const machine = createMachine(name);
  const sandboxes: OwnSandbox[] = [];
  let running: { readonly agent: Agent; readonly life: { isOver: boolean; fuse: number } } | undefined;
  let slow: (SlowItem & { readonly life: Life })[] = [];
  let isLost = false;
  let containers = 0;
  let starts = 0;

  function crash(): void {
    if (running === undefined) return;
    trace(() => `${name}: the agent is killed`);
    running.life.isOver = true;
    running = undefined;
    slow = [];
    for (const sandbox of sandboxes) {
      // The shim writes down what it cannot tell; the runtime hears that the ADD failed.
      if (sandbox.state === 'deleting') spool(sandbox);
      if (sandbox.state === 'adding') sandbox.state = 'failed';
    }
  }

  function spool(sandbox: OwnSandbox): void {
    trace(() => `${name}: DEL ${sandbox.id} is spooled`);
    machine.spool = [...machine.spool, requestOf('DEL', sandbox)];
    sandbox.state = 'gone';
  }

  function start(): void {
    if (running !== undefined || isLost) return;
    trace(() => `${name}: an agent starts`);
    const life = {
      isOver: false,
      fuse: Number.POSITIVE_INFINITY,
      beat() {
        if (--life.fuse <= 0) crash();
        return !life.isOver;
      },
    };
    const link = {
      name: `${name}#${++starts}`,
      get isOver() {
        return life.isOver;
      },
      get isCut() {
        return machine.isCut;
      },
    };
    const agent = startAgent({
      machine,
      life,
      client: network.connect(link),
      clock: time.clockFor(life),
      hasLease,
      slowly: (what, canFail) => slowly(what, canFail, life),
    });
    running = { agent, life };
  }

  function slowly(what: string, canFail: boolean, life: Life): Promise<void> {
    return new Promise((resolve, reject) => {
      if (life.isOver) return;
      const item: SlowItem & { readonly life: Life } = {
        kind: 'slow',
        text: `${name}: ${what}`,
        canFail,
        life,
        arrive: () => end(resolve),
        fail: () => end(() => reject(new Error(`Cannot ${what}`))),
      };
      const end = (settle: () => void): void => {
        slow = slow.filter(other => other !== item);
        if (!life.isOver) settle();
      };
      slow.push(item);
    });
  }

  function add(sandbox: OwnSandbox): void {
    trace(() => `${name}: ADD ${sandbox.id} for ${sandbox.pod.name} (${sandbox.pod.uid})`);
    const agent = running?.agent;
    if (agent === undefined) {
      sandbox.state = 'failed';
      return;
    }
    sandbox.state = 'adding';
    const hangUp = new AbortController();
    sandbox.hangUp = hangUp;
    agent.call(requestOf('ADD', sandbox), hangUp.signal).then(
      () => settle('up'),
      (error: unknown) => settle('failed', error),
    );
    const settle = (state: 'up' | 'failed', error?: unknown): void => {
      if (sandbox.state !== 'adding' || sandbox.hangUp !== hangUp) return;
      sandbox.state = hangUp.signal.aborted ? 'failed' : state;
      const why = error === undefined ? '' : ` (${error instanceof Error ? error.message : 'unknown'})`;
      trace(() => `${name}: ADD ${sandbox.id}: ${sandbox.state}${why}`);
    };
  }

  function endSandbox(sandbox: OwnSandbox): void {
    if (sandbox.state === 'deleting') return;
    const agent = running?.agent;
    if (agent === undefined) {
      spool(sandbox);
      return;
    }
    trace(() => `${name}: DEL ${sandbox.id}`);
    sandbox.state = 'deleting';
    const settle = (state: 'gone' | 'failed'): void => {
      if (sandbox.state === 'deleting') sandbox.state = state;
      trace(() => `${name}: DEL ${sandbox.id}: ${state}`);
    };
    agent.call(requestOf('DEL', sandbox), new AbortController().signal).then(
      () => settle('gone'),
      () => settle('failed'),
    );
  }

  const own = (sandbox: Sandbox): OwnSandbox => sandbox as OwnSandbox; // they are all made here

  function runPod(pod: Pod): void {
    if (isLost) return;
    const { name: podName, uid = '' } = pod.metadata;
    const id = `${name}-c${++containers}`;
    const sandbox: OwnSandbox = { id, pod: { name: podName, uid }, state: 'adding', hangUp: new AbortController() };
    sandboxes.push(sandbox);
    add(sandbox);
  }

  return {
    name,
    machine,
    sandboxes,
    get isUp() {
      return running !== undefined;
    },
    get slow() {
      return slow;
    },
    get isLost() {
      return isLost;
    },
    start,
    crash,
    lose() {
      trace(() => `${name}: the machine is lost`);
      crash();
      isLost = true;
      machine.journal.clear();
      machine.queue.clear();
      machine.wired.clear();
      machine.spool = [];
      for (const sandbox of sandboxes) sandbox.state = 'gone';
    },
    crashAt(beats) {
      if (running !== undefined) running.life.fuse = beats;
    },
    runPod,
    repeatAdd: sandbox => add(own(sandbox)),
    endSandbox: sandbox => endSandbox(own(sandbox)),
    hangUp(sandbox) {
      trace(() => `${name}: the runtime hangs up on ${sandbox.id}`);
      own(sandbox).hangUp.abort(new Error('The caller has hung up'));
    },
    pending() {
      if (isLost) return [];
      const left = sandboxes.filter(({ state }) => state !== 'gone');
      const known = new Map(left.map(({ pod }) => [pod.uid, pod]));
      for (const { metadata, spec } of objects.list(PODS)) {
        const { name: podName, uid = '' } = metadata;
        if (spec.nodeName === name) known.set(uid, { name: podName, uid });
      }
      const isDone = ({ uid }: PodName): boolean => {
        const states = left.filter(({ pod }) => pod.uid === uid).map(({ state }) => state);
        return objects.isLive(uid)
          ? ['up', 'adding', 'deleting'].includes(states.join())
          : states.join() === 'deleting';
      };
      return [...known.values()].filter(pod => !isDone(pod));
    },
    sync({ name: podName, uid }) {
      const pod = objects.find(PODS, podName);
      const isThere = pod?.metadata.uid === uid && pod.spec.nodeName === name;
      const left = sandboxes.filter(sandbox => sandbox.pod.uid === uid && sandbox.state !== 'gone');
      if (isThere && stateOf(pod) === 'live') {
        const failed = left.find(({ state }) => state === 'failed');
        const [, ...others] = left.filter(({ state }) => state === 'up').toReversed();
        if (failed !== undefined) endSandbox(failed);
        else if (others[0] !== undefined) endSandbox(others[0]);
        else if (left.length === 0) runPod(pod);
        return;
      }
      for (const sandbox of left) endSandbox(sandbox);
      if (left.length === 0 && isThere && pod.metadata.deletionTimestamp !== undefined) {
        trace(() => `${name}: the kubelet has ended ${podName}`);
        objects.delete(PODS, podName, { gracePeriodSeconds: 0, uid });
      }
    },
  };
}

function requestOf(command: 'ADD' | 'DEL', { id, pod }: Sandbox): CniRequest {
  const named = { namespace: 'default', name: pod.name, uid: pod.uid };
  return {
    plugin: 'underlane',
    command,
    containerId: id,
    ifname: 'eth0',
    netns: '',
    args: { pod: named, pairs: {} },
    path: [],
    config: { cniVersion: '1.0.0', name: 'cluster', plugin: { type: 'underlane' }, runtimeConfig: {} },
    warnings: [],
  } as unknown as CniRequest; // what the agent's parts read of it
}
