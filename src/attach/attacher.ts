import type { Aside } from '#base';
import type { CniRequest } from '#cni';
import { createBusyOwners } from './addresses/busy-owners.ts';
import { type ClaimUse, claimUseOf } from './addresses/claim-use.ts';
import { reassertClaims } from './addresses/reassert.ts';
import type { AttachDeps } from './deps.ts';
import { AttachError } from './errors.ts';
import type { JournalEntry, PodRef } from './journal/entry.ts';
import { leftOvers } from './journal/left-overs.ts';
import type { DelegateRequest } from './plug/delegate-verb.ts';
import { awaitDefaultNetwork, needsDefaultNetwork } from './resolve/await-default-network.ts';
import type { ResolveDeps } from './resolve/resolve-deps.ts';
import { finishEntry } from './verbs/finish.ts';
import { onceEach } from './verbs/once-each.ts';
import { refuseNesting } from './verbs/refuse-nesting.ts';
import { runVerb } from './verbs/run-verb.ts';
import { createTurns } from './verbs/turns.ts';

/** Carries out CNI requests on this node. */
export interface Attacher extends ClaimUse {
  /**
   * One request from the socket. Requests of one pod run one after another, those of different pods in parallel; one that
   * a delegate of ours makes runs inside its parent at once. `signal` is aborted when the caller hangs up.
   * @returns what goes to stdout
   * @throws whatever failed; #cni turns it into a CNI error
   */
  handle(request: CniRequest, call: CallContext): Promise<string>;
  /**
   * One network for one interface of a running pod, from somebody who follows annotations in our place, in the pod's turn.
   * @returns a CNI result for ADD, else nothing
   */
  delegate(request: DelegateRequest, call: CallContext): Promise<string>;
  /**
   * Holds the claims that the journal says are held against what the API server says: one that is missing is made again;
   * one that somebody else has by now takes its interface down, with an Event.
   */
  reassert(): Promise<void>;
  /**
   * Finishes what a former agent left: half-made entries are undone, half-undone ones too. What cannot be finished is
   * told to `AttachDeps.onUnfinished`.
   */
  recover(): Promise<void>;
  /**
   * Undoes an entry that could not be undone before, in its turn. Nothing when it is gone by now, or another ADD has been
   * there. @throws what still stands in the way
   */
  finish(entry: JournalEntry): Promise<void>;
  /**
   * Makes a running pod's interfaces those that its networks annotation asks for by now, in its turn.
   * @returns false when the pod has no attachments of ours that can change (yet)
   * @throws what is in the way, after an Event; calling again goes on from there
   */
  changeNetworks(pod: PodRef): Promise<boolean>;
  /** Aborts everything under way and waits until it is undone. */
  stop(): Promise<void>;
}

export interface CallContext {
  readonly signal: AbortSignal;
  /** UNDERLANE_CALL of the caller's environment. */
  readonly token?: string;
}

export function createAttacher(deps: AttachDeps): Attacher {
  const stop = new AbortController();
  const stopping = stop.signal;
  const turns = createTurns(stopping, deps.parallelRequests);
  const owners = createBusyOwners(deps.onOwnerIdle);
  const sources: ResolveDeps = {
    confDir: deps.confDir,
    nads: deps.api === undefined ? undefined : { cache: deps.api.nads, client: deps.api.client },
    ...(deps.api === undefined ? {} : { policies: deps.api.policies }),
    lacksKind: deps.lacksKind,
    ...(deps.cluster === undefined ? {} : { catalog: deps.cluster.catalog }),
    devices: deps.devices,
    ...(deps.overlay === undefined ? {} : { overlay: deps.overlay }),
    onConfigWarning: onceEach(warning => deps.log.warn({}, warning)),
  };
  const active = new Set<Promise<unknown>>();

  async function handle(request: CniRequest, { signal, token }: CallContext): Promise<string> {
    const parent = token === undefined ? undefined : deps.nesting.find(token);
    if (token !== undefined) refuseNesting(request, parent, deps.journal);
    const context = { deps, sources, owners, turns, stopping, parent };
    const run = (hangUp: AbortSignal, aside?: Aside): Promise<string> =>
      runVerb(request, aside === undefined ? context : { ...context, aside }, hangUp);
    // About no container: what they do to one waits for its turn by itself.
    const isWide = request.command === 'GC' || request.command === 'STATUS';
    const before = needsDefaultNetwork(request)
      ? (waiting: AbortSignal): Promise<void> => awaitDefaultNetwork(request, sources, waiting)
      : undefined;
    const work = isWide ? run(signal) : turns.ofRequest(request, parent !== undefined, signal, run, before);
    parent?.track(work);
    return tracked(work);
  }

  async function tracked<T>(work: Promise<T>): Promise<T> {
    active.add(work);
    try {
      return await work;
    } finally {
      active.delete(work);
    }
  }

  function finish(entry: JournalEntry): Promise<void> {
    return turns.ofEntry(entry, () =>
      finishEntry(entry, deps, AbortSignal.any([stopping, AbortSignal.timeout(deps.deadlines.delMs)])),
    );
  }

  async function change(pod: PodRef): Promise<boolean> {
    const { changePod } = await import('./plug/change-pod.ts');
    return changePod(pod, { deps, sources, owners, turns, stopping });
  }

  return {
    handle,
    async delegate(asked, { signal }) {
      const { delegateInTurn } = await import('./plug/delegate-in-turn.ts');
      return tracked(delegateInTurn(asked, { deps, sources, owners, turns, stopping }, signal));
    },
    changeNetworks: pod => tracked(change(pod)),
    ...claimUseOf(deps.journal, owners),
    async reassert() {
      const { cluster } = deps;
      if (cluster === undefined) return;
      await Promise.all(
        deps.journal
          .list()
          .map(entry => turns.ofEntry(entry, () => reassertClaims(entry.key, cluster, deps, stopping))),
      );
    },
    async recover() {
      // At once, as far as the queue goes: one plugin that hangs must not hold up all others. Failures are told already.
      await Promise.allSettled(leftOvers(deps.journal.list()).map(finish));
    },
    finish: entry => tracked(finish(entry)),
    async stop() {
      stop.abort(new AttachError('CANCELLED', 'The agent is stopping', { retriable: true }));
      await Promise.allSettled([...active]);
    },
  };
}
