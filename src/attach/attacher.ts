import type { Pod } from '#api';
import { createKeyedQueue, messageOf } from '#base';
import { type CniRequest, formatResult } from '#cni';
import { takesClaims } from '#ipam';
import { addAttachments } from './add.ts';
import { ipamOf } from './chain.ts';
import { checkEntry } from './check.ts';
import type { AttachDeps } from './deps.ts';
import { type EntryKey, entryId, type JournalEntry, PIPELINE_NAMES } from './entry.ts';
import { AttachError } from './errors.ts';
import { collectGarbage, type GcContext } from './gc.ts';
import type { Journal } from './journal.ts';
import { leftOvers } from './left-overs.ts';
import type { ParentCall } from './nesting.ts';
import { podOf } from './pod.ts';
import { reassertClaims } from './reassert.ts';
import { reportAttached, reportFailed } from './report.ts';
import { keyOf, queueKey, queueKeyOf, refOf } from './request-keys.ts';
import { type AttachmentPlan, type ResolveDeps, resolvePodNetworks, resolveSinglePlugin } from './resolve.ts';
import { reportStatus } from './status-verb.ts';
import { deleteEntry } from './undo.ts';

/** Carries out CNI requests on this node. */
export interface Attacher {
  /**
   * One request from the socket. Requests of one pod run one after another, those of different pods in parallel; one that
   * a delegate of ours makes runs inside its parent at once. `signal` is aborted when the caller hangs up.
   * @returns what goes to stdout
   * @throws whatever failed; #cni turns it into a CNI error
   */
  handle(request: CniRequest, call: CallContext): Promise<string>;
  /** Whether a claim must not be released: a sandbox of this node is bound to it, or an ADD of its pod is under way. */
  isBound(claimName: string, owner: string | undefined): boolean;
  /**
   * Holds the claims that the journal says are held against what the API server says: one that is missing is made again;
   * one that somebody else has by now takes its interface down, with an Event.
   */
  reassert(): Promise<void>;
  /** Finishes what a former agent left: half-made entries are undone, half-undone ones too. */
  recover(): Promise<void>;
  /** Aborts everything under way and waits until it is undone. */
  stop(): Promise<void>;
}

export interface CallContext {
  readonly signal: AbortSignal;
  /** UNDERLANE_CALL of the caller's environment. */
  readonly token?: string;
}

const PARALLEL_REQUESTS = 16;

export function createAttacher(deps: AttachDeps): Attacher {
  const queue = createKeyedQueue(PARALLEL_REQUESTS);
  /** One thing at a time with one entry, in order of arrival, also where pod or parent tell requests apart. */
  const entries = createKeyedQueue(Number.POSITIVE_INFINITY);
  const sources: ResolveDeps = {
    confDir: deps.confDir,
    nads: deps.api === undefined ? undefined : { cache: deps.api.nads, client: deps.api.client },
    lacksKind: deps.lacksKind,
  };
  const stopping = new AbortController();
  /** ADDs under way or waiting for their turn, by entry: their DEL cancels them. */
  const adding = new Map<string, Set<AbortController>>();
  /** Owners (pod uid or container) of ADDs under way: their claims may be taken and not yet journalled. */
  const addingOwners = new Map<string, number>();
  const active = new Set<Promise<unknown>>();

  /** Not while an ADD or DEL of the entry or its pod is under way. */
  function inTurnOf(entry: JournalEntry, work: () => Promise<void>): Promise<void> {
    const run = (): Promise<void> => queue.run(queueKeyOf(entry), work, stopping.signal);
    return entries.run(entryId(entry.key), run, stopping.signal);
  }

  const gc: GcContext = { deps, sources, isAdding: id => adding.has(id), inTurnOf };

  async function handle(request: CniRequest, call: CallContext): Promise<string> {
    const parent = call.token === undefined ? undefined : deps.nesting.find(call.token);
    if (call.token !== undefined) refuseNesting(request, parent);
    const work = perform(request, call, parent);
    active.add(work);
    parent?.track(work);
    try {
      return await work;
    } finally {
      active.delete(work);
    }
  }

  function refuseNesting(request: CniRequest, parent: ParentCall | undefined): void {
    // A DEL is right at any time: one whose parent is over may come from the spool, and must not be refused for ever.
    if (parent === undefined && request.command !== 'DEL') {
      throw new AttachError(
        'NESTING',
        'Cannot run a nested call: the call that it belongs to (UNDERLANE_CALL) is over',
      );
    }
    const id = entryId(keyOf(request));
    if (PIPELINE_NAMES.has(request.plugin) || (parent !== undefined && isWithin(id, parent.entryId, deps.journal))) {
      throw new AttachError(
        'NESTING',
        `Cannot run "${request.plugin}" from inside a plugin that we run for the same container: it would wait for itself`,
      );
    }
  }

  async function perform(request: CniRequest, call: CallContext, parent: ParentCall | undefined): Promise<string> {
    const key = keyOf(request);
    // About no container: what they do to one waits for its turn by itself.
    if (request.command === 'GC' || request.command === 'STATUS')
      return withDeadline(request, key, call.signal, parent);
    const id = entryId(key);
    const overtaken = new AbortController();
    if (request.command === 'DEL') {
      for (const add of adding.get(id) ?? []) add.abort(new AttachError('CANCELLED', 'ADD was overtaken by its DEL'));
    }
    const hangUp = request.command === 'ADD' ? AbortSignal.any([call.signal, overtaken.signal]) : call.signal;
    const run = (): Promise<string> => withDeadline(request, key, hangUp, parent);
    const waiting = AbortSignal.any([hangUp, stopping.signal]);
    const isNested = call.token !== undefined;
    const forget = request.command === 'ADD' ? noteAdding(id, overtaken) : undefined;
    try {
      return await entries.run(id, isNested ? run : () => queue.run(queueKey(request), run, waiting), waiting);
    } finally {
      forget?.();
    }
  }

  function noteAdding(id: string, add: AbortController): () => void {
    const adds = adding.get(id) ?? new Set();
    adding.set(id, adds.add(add));
    return () => {
      adds.delete(add);
      if (adds.size === 0) adding.delete(id);
    };
  }

  async function withDeadline(
    request: CniRequest,
    key: EntryKey,
    hangUp: AbortSignal,
    parent: ParentCall | undefined,
  ): Promise<string> {
    const limitMs = request.command === 'ADD' ? deps.deadlines.addMs : deps.deadlines.delMs;
    const deadline = new AbortController();
    const timer = setTimeout(
      () =>
        deadline.abort(
          new AttachError('DEADLINE', `${request.command} took longer than ${limitMs / 1000} s`, { retriable: true }),
        ),
      limitMs,
    );
    const inherited = parent === undefined ? [] : [parent.signal];
    try {
      switch (request.command) {
        case 'ADD':
          return await add(
            request,
            key,
            AbortSignal.any([hangUp, stopping.signal, deadline.signal, ...inherited]),
            parent,
          );
        case 'DEL':
          // A caller that hangs up does not stop a DEL: half an undo helps nobody.
          return await del(key, AbortSignal.any([stopping.signal, deadline.signal]));
        case 'CHECK':
          return await check(request, key, AbortSignal.any([hangUp, stopping.signal, deadline.signal, ...inherited]));
        case 'STATUS':
          await reportStatus(request, deps, sources, AbortSignal.any([hangUp, stopping.signal, deadline.signal]));
          return '';
        case 'GC':
          await collectGarbage(request, gc, AbortSignal.any([stopping.signal, deadline.signal]));
          return '';
        default:
          throw new AttachError(
            'UNSUPPORTED_VERB',
            `Cannot handle CNI_COMMAND "${request.command}": expected ADD, DEL, CHECK, GC or STATUS`,
          );
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async function add(
    request: CniRequest,
    key: EntryKey,
    signal: AbortSignal,
    parent: ParentCall | undefined,
  ): Promise<string> {
    signal.throwIfAborted();
    let pod: Pod | undefined;
    let owner: string | undefined;
    try {
      const former = deps.journal.find(key);
      // A crash, or a runtime that asks twice: what stands there is not what this ADD is about to promise.
      if (former !== undefined) await deleteEntry(former, deps, signal);
      const isPipeline = PIPELINE_NAMES.has(request.plugin);
      const single = isPipeline ? [] : [resolveSinglePlugin(request, sources)];
      // A plugin by its own name looks at no pod, unless the pod owns addresses that it takes.
      if (parent === undefined && (isPipeline || needsCluster(single))) pod = await podOf(request, deps, signal);
      const ref = parent?.pod ?? refOf(pod, request);
      owner = ref?.uid ?? request.containerId;
      addingOwners.set(owner, (addingOwners.get(owner) ?? 0) + 1);
      const plans = isPipeline ? await resolvePodNetworks(request, pod, sources, signal) : single;
      const result = await addAttachments(
        {
          cni: request,
          key,
          plans,
          ...(ref === undefined ? {} : { pod: ref }),
          ...(isPipeline && pod !== undefined ? { statusOf: pod } : {}),
          ...(parent === undefined ? {} : { parent: parent.entryId }),
        },
        deps,
        signal,
      );
      const entry = deps.journal.find(key);
      if (isPipeline && ref !== undefined && entry !== undefined && deps.api !== undefined) {
        reportAttached(ref, entry.attachments, deps.api);
      }
      return formatResult(result, request.config.cniVersion);
    } catch (error) {
      const about = refOf(pod, request);
      if (about !== undefined && deps.api !== undefined) reportFailed(about, messageOf(error), deps.api);
      throw error;
    } finally {
      if (owner !== undefined) forgetOwner(owner);
    }
  }

  function forgetOwner(owner: string): void {
    const left = (addingOwners.get(owner) ?? 0) - 1;
    if (left > 0) {
      addingOwners.set(owner, left);
      return;
    }
    addingOwners.delete(owner);
    deps.onOwnerIdle(owner);
  }

  async function del(key: EntryKey, signal: AbortSignal): Promise<string> {
    const entry = deps.journal.find(key);
    if (entry !== undefined) await deleteEntry(entry, deps, signal);
    return '';
  }

  async function check(request: CniRequest, key: EntryKey, signal: AbortSignal): Promise<string> {
    const entry = deps.journal.find(key);
    if (entry === undefined || entry.state !== 'added') {
      throw new AttachError(
        'UNKNOWN_CONTAINER',
        `Cannot check container "${request.containerId}": the node has no attachment of it under "${request.ifname}"`,
      );
    }
    await checkEntry(entry, deps, signal);
    return '';
  }

  async function finish(entry: JournalEntry): Promise<void> {
    const log = deps.log.child({ entry: entryId(entry.key), state: entry.state });
    log.warn({}, 'Finishing what a former agent left half done');
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(deps.deadlines.delMs)]);
    await deleteEntry(entry, deps, signal).catch((error: unknown) =>
      log.error({ error: messageOf(error) }, 'Cannot finish it now; DEL or the next start will'),
    );
  }

  return {
    handle,
    isBound: (claimName, owner) =>
      (owner !== undefined && addingOwners.has(owner)) ||
      deps.journal.list().some(entry => entry.state !== 'undone' && holds(entry, claimName)),
    async reassert() {
      const { cluster } = deps;
      if (cluster === undefined) return;
      await Promise.all(
        deps.journal
          .list()
          .map(entry => inTurnOf(entry, () => reassertClaims(entry.key, cluster, deps, stopping.signal))),
      );
    },
    async recover() {
      // At once, as far as the queue goes: one plugin that hangs must not hold up all others.
      await Promise.all(leftOvers(deps.journal.list()).map(entry => queue.run(queueKeyOf(entry), () => finish(entry))));
    },
    async stop() {
      stopping.abort(new AttachError('CANCELLED', 'The agent is stopping', { retriable: true }));
      await Promise.allSettled([...active]);
    },
  };
}

function holds(entry: JournalEntry, claimName: string): boolean {
  return entry.attachments.some(({ leases }) =>
    leases.some(lease => lease.kind === 'claim' && lease.ref.name === claimName),
  );
}

/** Whether an entry is the other one, or one that the other one works for. */
function isWithin(id: string, inner: string, journal: Journal): boolean {
  const parents = new Map(journal.list().map(entry => [entryId(entry.key), entry.parent]));
  for (let current: string | undefined = inner; current !== undefined; current = parents.get(current)) {
    if (current === id) return true;
  }
  return false;
}

function needsCluster(plans: readonly AttachmentPlan[]): boolean {
  return plans.some(({ chain }) => chain.map(ipamOf).some(ipam => ipam !== undefined && takesClaims(ipam)));
}
