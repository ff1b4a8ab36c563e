import type { CniRequest } from '#cni';
import type { Trace } from '../run/trace.ts';
import type { Agent } from './agent.ts';
import type { Machine } from './machine.ts';

/** A pod as its node knows it. */
export interface PodName {
  readonly name: string;
  readonly uid: string;
}

export interface Sandbox {
  readonly id: string;
  readonly pod: PodName;
  readonly state: 'adding' | 'up' | 'failed' | 'deleting' | 'gone';
}

/** What a node's runtime has made of the pods there, and asks the agent for. */
export interface Sandboxes {
  readonly list: readonly Sandbox[];
  /** Has an ADD sent for a new sandbox. */
  run(pod: PodName): void;
  /** Has the same ADD sent once more. */
  repeat(sandbox: Sandbox): void;
  /** Has a DEL sent, the first or one more. */
  end(sandbox: Sandbox): void;
  hangUp(sandbox: Sandbox): void;
  /** The agent has been killed under the calls that are under way. */
  loseCalls(): void;
  /** The machine has gone with all of them. */
  lose(): void;
}

interface OwnSandbox extends Sandbox {
  state: Sandbox['state'];
  hangUp: AbortController;
}

/** @param agentOf the one that runs now, if any */
export function createSandboxes(machine: Machine, agentOf: () => Agent | undefined, trace: Trace): Sandboxes {
  const { name } = machine;
  const list: OwnSandbox[] = [];
  const own = (sandbox: Sandbox): OwnSandbox => sandbox as OwnSandbox; // they are all made here

  /** The shim writes down what it cannot tell. */
  function spool(sandbox: OwnSandbox): void {
    trace(() => `${name}: DEL ${sandbox.id} is spooled`);
    machine.spool = [...machine.spool, requestOf('DEL', sandbox)];
    sandbox.state = 'gone';
  }

  function add(sandbox: OwnSandbox): void {
    trace(() => `${name}: ADD ${sandbox.id} for ${sandbox.pod.name} (${sandbox.pod.uid})`);
    const agent = agentOf();
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

  return {
    list,
    run(pod) {
      const id = `${name}-c${list.length + 1}`;
      const sandbox: OwnSandbox = { id, pod, state: 'adding', hangUp: new AbortController() };
      list.push(sandbox);
      add(sandbox);
    },
    repeat: sandbox => add(own(sandbox)),
    end(sandbox) {
      const ended = own(sandbox);
      if (ended.state === 'deleting') return;
      const agent = agentOf();
      if (agent === undefined) return spool(ended);
      trace(() => `${name}: DEL ${ended.id}`);
      ended.state = 'deleting';
      const settle = (state: 'gone' | 'failed'): void => {
        if (ended.state === 'deleting') ended.state = state;
        trace(() => `${name}: DEL ${ended.id}: ${state}`);
      };
      agent.call(requestOf('DEL', ended), new AbortController().signal).then(
        () => settle('gone'),
        () => settle('failed'),
      );
    },
    hangUp(sandbox) {
      trace(() => `${name}: the runtime hangs up on ${sandbox.id}`);
      own(sandbox).hangUp.abort(new Error('The caller has hung up'));
    },
    loseCalls() {
      for (const sandbox of list) {
        if (sandbox.state === 'deleting') spool(sandbox);
        // The runtime hears that it failed.
        if (sandbox.state === 'adding') sandbox.state = 'failed';
      }
    },
    lose() {
      for (const sandbox of list) sandbox.state = 'gone';
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
