import { IP_ALLOCATIONS, type IPAllocation, type PodState } from '#api';
import { type Clock, codeOf, createKeyedQueue, type Log, messageOf } from '#base';
import { backoffMs, type KubeClient } from '#kube';
import { orAbsent } from '../api-retry.ts';
import { refOf } from '../store/claim-object.ts';
import type { ClaimRef, ClaimStore } from '../store/claim-store.ts';
import { isImported, mayUse } from '../store/imported.ts';
import { isQuarantined } from '../store/quarantine.ts';
import { isKept } from './is-kept.ts';
import { openQueueFiles } from './queue-files.ts';

/** Gives claims back as soon as their pod lets go of them, whatever stands in the way for now. */
export interface Releaser {
  /**
   * On disk when it resolves; tried from then on until the object is released, gone, or another one.
   * @throws IpamError QUEUE_WRITE; nothing is queued then but what its file was written for
   */
  enqueue(refs: readonly ClaimRef[]): Promise<void>;
  /** Looks again at what waits for this pod (uid), or for this container without a pod: it ended, or lost a sandbox. */
  podChanged(owner: string): void;
  /** The object (uid) has gone, or over to another node: there is nothing left to do about it. */
  forget(uid: string): void;
  /** Resolves when nothing is left to do before somebody calls again: done, or waiting for a pod. */
  idle(): Promise<void>;
  /** Claims in the queue. */
  readonly size: number;
}

export interface ReleaserOptions {
  /** Where the queue is kept; made if absent. */
  readonly dir: string;
  /** How it is opened. @default as files on the disk */
  readonly openFiles?: typeof openQueueFiles;
  readonly store: Pick<ClaimStore, 'release' | 'handOver'>;
  readonly client: KubeClient;
  /** The node whose claims these are. */
  readonly node: string;
  /** Whether a sandbox of this node uses the claim. `owner` is the pod's uid, or the container without a pod. */
  readonly isBound: (claimName: string, owner: string | undefined) => boolean;
  /** Whether its pod has all the addresses that it needs without this claim. */
  readonly isSpare: (claim: IPAllocation) => boolean;
  readonly podState: (namespace: string, name: string, uid: string) => Promise<PodState>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What became of one try. `waiting`: for the pod, or what keeps its addresses; `failed`: the API server said no, or nothing. */
type Outcome = 'done' | 'waiting' | 'failed';

interface Entry {
  readonly ref: ClaimRef;
  /** The pod's uid, or the container without a pod; unknown until the object was read. */
  owner?: string;
  isDue: boolean;
}

/** Deletes at once; more would only crowd out the ADDs that are waiting for the same API server. */
const PARALLEL = 8;

/** Starts with what a former process left in the directory. Ends with the signal; the queue stays on disk. */
export function createReleaser(options: ReleaserOptions): Releaser {
  const { store, client, node, isBound, isSpare, podState, clock, signal } = options;
  const log = options.log.child({ room: 'ipam' });
  const files = (options.openFiles ?? openQueueFiles)(options.dir, log);
  const entries = new Map<string, Entry>(files.left.map(ref => [ref.uid, { ref, isDue: true }]));
  const places = createKeyedQueue(PARALLEL);
  /** Files on their way to the disk, by uid: whoever queues the same claim meanwhile waits for the same file. */
  const writing = new Map<string, Promise<void>>();
  let isRunning = false;
  let idleWaiters: (() => void)[] = [];

  async function tryRelease(entry: Entry): Promise<Outcome> {
    const { name, uid } = entry.ref;
    const claim = await orAbsent(client.get(IP_ALLOCATIONS, { name }, { signal }));
    // Somebody else has the address by now: it was given back long ago.
    if (claim === undefined || claim.metadata.uid !== uid) return 'done';
    // Gone over to a pod of another node, which is to give it back from now on.
    if (claim.spec.node !== node) return 'done';
    // Nobody's since it was queued: its node asks again when it is over.
    if (isQuarantined(claim, clock.now())) return 'done';
    const { podNamespace, podName, podUid, containerId } = claim.spec.owner;
    const owner = podUid ?? containerId;
    if (owner !== undefined) entry.owner = owner;
    if (podNamespace !== undefined && podName !== undefined && podUid !== undefined) {
      const state = await podState(podNamespace, podName, podUid);
      if (mayUse(claim, state) && (isImported(claim) || !isSpare(claim))) return 'waiting';
      // Also what its pod has no use for: the pod to which a machine migrates may have it already.
      if (!isBound(name, owner) && (await store.handOver(claim, signal))) return 'done';
      // What its living pod has no use for a workload has none for either; an IPAMClaim names what it keeps.
      const mayBeKept = state !== 'live' || claim.spec.owner.ipamClaim !== undefined;
      if (mayBeKept && (await isKept(claim, client, signal))) return 'waiting';
    }
    // Asked last, with no pause before the DELETE: an ADD may have bound it while we looked.
    if (isBound(name, owner)) return 'waiting';
    const outcome = await store.release(refOf(claim), signal);
    log.info({ claim: name, outcome }, 'Released a claim');
    // Changed since we looked, perhaps only in a label: look again.
    return outcome === 'changed' ? tryRelease(entry) : 'done';
  }

  async function tryEntry(entry: Entry): Promise<Outcome> {
    entry.isDue = false;
    try {
      const outcome = await tryRelease(entry);
      if (outcome === 'done') await drop(entry);
      return outcome;
    } catch (error) {
      if (signal.aborted) return 'waiting';
      entry.isDue = true;
      log.warn({ claim: entry.ref.name, code: codeOf(error), error: messageOf(error) }, 'Cannot release a claim now');
      return 'failed';
    }
  }

  function writeOnce(ref: ClaimRef): Promise<void> {
    let written = writing.get(ref.uid);
    if (written === undefined) {
      written = files.write(ref).finally(() => writing.delete(ref.uid));
      writing.set(ref.uid, written);
    }
    return written;
  }

  async function drop(entry: Entry): Promise<void> {
    await files.remove(entry.ref.uid);
    // For good, even if it was queued again meanwhile: an object of this uid never comes back.
    entries.delete(entry.ref.uid);
  }

  function due(): readonly Entry[] {
    return [...entries.values()].filter(({ isDue }) => isDue);
  }

  async function run(): Promise<void> {
    for (let failures = 0; due().length > 0 && !signal.aborted; ) {
      const outcomes = await Promise.all(due().map(entry => places.run(entry.ref.uid, () => tryEntry(entry))));
      failures = outcomes.includes('failed') ? failures + 1 : 0;
      if (failures > 0) await clock.sleep(backoffMs(failures), signal);
    }
  }

  /** One runner at a time; calls meanwhile mark entries due, which it finds. */
  function kick(): void {
    if (isRunning || signal.aborted) return;
    isRunning = true;
    run()
      .catch((error: unknown) => {
        if (!signal.aborted) log.error({ error: messageOf(error) }, 'The release queue stopped');
      })
      .finally(() => {
        isRunning = false;
        // What was queued after the last look.
        if (due().length > 0 && !signal.aborted) return kick();
        const waiters = idleWaiters;
        idleWaiters = [];
        for (const resolve of waiters) resolve();
      });
  }

  kick();
  return {
    async enqueue(refs) {
      await Promise.all(refs.filter(ref => !entries.has(ref.uid)).map(writeOnce));
      for (const ref of refs) {
        const known = entries.get(ref.uid);
        if (known === undefined) entries.set(ref.uid, { ref, isDue: true });
        else known.isDue = true;
      }
      // A later claim of the same address may have waited for who lets go of it now.
      const names = new Set(refs.map(({ name }) => name));
      for (const entry of entries.values()) if (names.has(entry.ref.name)) entry.isDue = true;
      kick();
    },
    podChanged(owner) {
      for (const entry of entries.values()) if (entry.owner === owner) entry.isDue = true;
      kick();
    },
    forget(uid) {
      const entry = entries.get(uid);
      if (entry === undefined) return;
      drop(entry).catch((error: unknown) =>
        log.warn(
          { claim: entry.ref.name, error: messageOf(error) },
          'Cannot remove a queued release; its claim has gone',
        ),
      );
    },
    async idle() {
      if (isRunning) await new Promise<void>(resolve => idleWaiters.push(resolve));
    },
    get size() {
      return entries.size;
    },
  };
}
