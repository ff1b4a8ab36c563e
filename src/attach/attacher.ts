import type { Pod } from '#api';
import { createKeyedQueue, messageOf } from '#base';
import { type CniRequest, formatResult } from '#cni';
import { addAttachments } from './add.ts';
import { checkEntry } from './check.ts';
import type { AttachDeps } from './deps.ts';
import { type EntryKey, entryId, type JournalEntry, PIPELINE_NAMES, type PodRef } from './entry.ts';
import { AttachError } from './errors.ts';
import type { ParentCall } from './nesting.ts';
import { podOf } from './pod.ts';
import { reassertClaims } from './reassert.ts';
import { reportAttached, reportFailed } from './report.ts';
import { type ResolveDeps, resolvePodNetworks, resolveSinglePlugin } from './resolve.ts';
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
  const sources: ResolveDeps = {
    confDir: deps.confDir,
    nads: deps.api === undefined ? undefined : { cache: deps.api.nads, client: deps.api.client },
    lacksKind: deps.lacksKind,
  };
  const stopping = new AbortController();
  /** ADDs under way, by entry: their DEL cancels them. */
  const adding = new Map<string, AbortController>();
  /** Owners (pod uid or container) of ADDs under way: their claims may be taken and not yet journalled. */
  const addingOwners = new Map<string, number>();
  const active = new Set<Promise<unknown>>();

  async function handle(request: CniRequest, call: CallContext): Promise<string> {
    const parent = call.token === undefined ? undefined : deps.nesting.find(call.token);
    if (call.token !== undefined && parent === undefined) {
      throw new AttachError(
        'NESTING',
        'Cannot run a nested call: the call that it belongs to (UNDERLANE_CALL) is over',
      );
    }
    const work = perform(request, call.signal, parent);
    active.add(work);
    try {
      return await work;
    } finally {
      active.delete(work);
    }
  }

  async function perform(request: CniRequest, hangUp: AbortSignal, parent: ParentCall | undefined): Promise<string> {
    const key = keyOf(request);
    if (request.command === 'DEL') {
      adding.get(entryId(key))?.abort(new AttachError('CANCELLED', 'ADD was overtaken by its DEL'));
    }
    const run = (): Promise<string> => withDeadline(request, key, hangUp, parent);
    if (parent !== undefined) return run();
    return queue.run(queueKey(request), run, AbortSignal.any([hangUp, stopping.signal]));
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
        default:
          throw new AttachError(
            'UNSUPPORTED_VERB',
            `Cannot handle CNI_COMMAND "${request.command}": expected ADD, DEL or CHECK`,
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
    const id = entryId(key);
    const overtaken = new AbortController();
    adding.set(id, overtaken);
    const all = AbortSignal.any([signal, overtaken.signal]);
    let pod: Pod | undefined;
    let owner: string | undefined;
    try {
      const former = deps.journal.find(key);
      // A crash, or a runtime that asks twice: what stands there is not what this ADD is about to promise.
      if (former !== undefined) await deleteEntry(former, deps, all);
      pod = parent === undefined ? await podOf(request, deps, all) : undefined;
      const ref = parent?.pod ?? refOf(pod, request);
      owner = ref?.uid ?? request.containerId;
      addingOwners.set(owner, (addingOwners.get(owner) ?? 0) + 1);
      const isPipeline = PIPELINE_NAMES.has(request.plugin);
      const plans = isPipeline
        ? await resolvePodNetworks(request, pod, sources, all)
        : [resolveSinglePlugin(request, sources)];
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
        all,
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
      adding.delete(id);
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

  return {
    handle,
    isBound: (claimName, owner) =>
      (owner !== undefined && addingOwners.has(owner)) ||
      deps.journal.list().some(entry => entry.state !== 'undone' && holds(entry, claimName)),
    async reassert() {
      const { cluster } = deps;
      if (cluster === undefined) return;
      await Promise.all(
        deps.journal.list().map(entry =>
          // In its pod's turn: not while an ADD or DEL of it is under way.
          queue.run(
            queueKeyOf(entry),
            () => reassertClaims(entry.key, cluster, deps, stopping.signal),
            stopping.signal,
          ),
        ),
      );
    },
    async recover() {
      for (const entry of deps.journal.list()) {
        if (entry.state === 'added') continue;
        deps.log.warn(
          { entry: entryId(entry.key), state: entry.state },
          'Finishing what a former agent left half done',
        );
        await deleteEntry(entry, deps, AbortSignal.timeout(deps.deadlines.delMs)).catch((error: unknown) =>
          deps.log.error(
            { entry: entryId(entry.key), error: messageOf(error) },
            'Cannot finish it now; DEL or the next start will',
          ),
        );
      }
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

function keyOf(request: CniRequest): EntryKey {
  const isPipeline = PIPELINE_NAMES.has(request.plugin);
  return {
    containerId: request.containerId,
    ifname: request.ifname,
    plugin: isPipeline ? 'underlane' : request.plugin,
    // Runtimes send DEL with the configuration of that day, so the pipeline's entry must not depend on its name.
    network: isPipeline ? '' : request.config.name,
  };
}

function queueKeyOf(entry: JournalEntry): string {
  return entry.pod?.uid ?? entry.key.containerId;
}

/** Sandboxes of one pod follow one another; without a pod uid the container is all we have. */
function queueKey(request: CniRequest): string {
  return request.args.pod?.uid ?? request.containerId;
}

function refOf(pod: Pod | undefined, request: CniRequest): PodRef | undefined {
  if (pod !== undefined) {
    return { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid ?? '' };
  }
  const { pod: named } = request.args;
  return named?.uid === undefined ? undefined : { namespace: named.namespace, name: named.name, uid: named.uid };
}
