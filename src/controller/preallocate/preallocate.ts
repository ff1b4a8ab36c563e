import type { Pod } from '#api';
import { planPodClaims } from '#attach';
import { type Aside, codeOf, createKeyedQueue, messageOf, UnderlaneError } from '#base';
import { takeWishes } from '#ipam';
import { backoffMs } from '#kube';
import { fenceMsOf } from '../collect/fence-ms.ts';
import { cachedFacts } from '../collect/find-node-facts.ts';
import { createSightings, type Sightings } from '../collect/sightings.ts';
import { count } from '../count.ts';
import type { ControllerDeps } from '../deps.ts';
import type { Loop } from '../loop.ts';
import { awaitsAddresses } from './awaits-addresses.ts';
import { claimPlanSources } from './claim-plan-sources.ts';

export const PREALLOCATE_LOOP: Loop = { name: 'preallocate', runsOn: 'leader', start: preallocate };

/** Pods at once: enough to keep the API server busy, few enough that nobody's claims wait for long behind theirs. */
const PARALLEL = 32;
/** How long a network that had no address left is left to its pods' ADDs: they wait for one, and others wait here behind them. */
const FULL_MS = 5_000;
/** After that its ADD is there, and takes what it needs itself. */
const ATTEMPTS = 5;
const PREALLOCATED = {
  name: 'underlane_controller_preallocations_total',
  help: 'Addresses that were taken before their pod started, and pods that were left to their node',
  label: 'outcome',
};

/**
 * Takes pods' addresses as soon as they have a node, so that the ADD finds them in the agent's cache. Only ever takes: what a
 * pod's ADD has no use for, or a pod that has gone, the agent of its node gives back. Two that do this at once for a pod
 * usually meet on one name; where they do not, the agent gives one back.
 */
async function preallocate(deps: ControllerDeps, signal: AbortSignal): Promise<void> {
  const { pods, claims, nads, leases } = deps;
  await Promise.all([pods, claims, nads, leases].map(cache => cache.ready(signal)));
  const places = createKeyedQueue(PARALLEL);
  /** Pods (uid) that were looked at. */
  const seen = new Set<string>();
  const full: FullNetworks = new Map();
  const sightings = createSightings(deps.steady);

  function consider(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (seen.has(uid) || !awaitsAddresses(pod) || !hasAgent(pod.spec.nodeName, deps, sightings)) return;
    seen.add(uid);
    places.run(uid, aside => prepare(pod, { full, aside }, deps, signal), signal).catch(() => undefined); // rejects only on abort
  }

  const considerAll = (): void => pods.list().forEach(consider);
  using stack = new DisposableStack();
  stack.defer(
    pods.subscribe(change => {
      if (change.type === 'put') consider(change.object);
      if (change.type === 'deleted') seen.delete(change.object.metadata.uid ?? '');
    }),
  );
  stack.defer(
    leases.subscribe(change => {
      if (change.type === 'put' && change.previous === undefined) considerAll();
    }),
  );
  considerAll();
  await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
}

/**
 * A node without one, or whose agent has not been heard of for long, may be somebody else's, who would give its pods other
 * addresses, and nobody there would give ours back.
 */
function hasAgent(node: string | undefined, deps: ControllerDeps, sightings: Sightings): boolean {
  if (node === undefined) return false;
  const { leaseMs, silentMs } = cachedFacts(node, deps, sightings);
  return leaseMs !== undefined && silentMs < fenceMsOf(deps.options);
}

/** Until when networks count as full. */
type FullNetworks = Map<string, number>;

/** What those at work have in common, and how one lets the others pass. */
interface Work {
  readonly full: FullNetworks;
  readonly aside: Aside;
}

/** Until it is done, hopeless, or too late to be of use. */
async function prepare(pod: Pod, work: Work, deps: ControllerDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, pods, registry } = deps;
  const { namespace = 'default', name, uid } = pod.metadata;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const current = pods.find({ namespace, name });
    if (current?.metadata.uid !== uid || current === undefined || !awaitsAddresses(current)) return;
    try {
      const taken = await takeOf(current, work, deps, signal);
      if (taken === undefined) count(registry, PREALLOCATED, 'left');
      else if (taken > 0) count(registry, PREALLOCATED, 'taken', taken);
      return;
    } catch (error) {
      if (signal.aborted) return;
      const mayHelp = error instanceof UnderlaneError && error.retriable && codeOf(error) === 'Unreachable';
      // The pod's own ADD says so where its owner looks; here it is no news.
      log.debug(
        { pod: `${namespace}/${name}`, code: codeOf(error), err: messageOf(error) },
        'Cannot take addresses yet',
      );
      if (!mayHelp) return count(registry, PREALLOCATED, 'left');
      await work.aside(() => clock.sleep(backoffMs(attempt), signal)).catch(() => undefined); // rejects only on abort, which ends the loop
    }
  }
}

/**
 * @returns how many claims are new; undefined for a pod that is left to its node, since one of its networks is full
 * @throws the first failure; what was taken stays the pod's
 */
async function takeOf(
  pod: Pod,
  { full, aside }: Work,
  deps: ControllerDeps,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { store, clock } = deps;
  const planned = await planPodClaims(pod, { ...claimPlanSources(deps), aside }, signal);
  if (planned.some(({ owner }) => (full.get(owner.network) ?? 0) > clock.now())) return undefined;
  const outcomes = await Promise.allSettled(
    planned.map(({ owner, wishes }) =>
      takeWishes(
        wishes,
        { owner, node: pod.spec.nodeName ?? '' },
        // Nothing is given back here: the pod's ADD may have found it already, and only its node knows.
        { store, giveBack: async () => undefined },
        signal,
      ),
    ),
  );
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled' || codeOf(outcome.reason) !== 'POOL_EXHAUSTED') continue;
    full.set(planned[index]?.owner.network ?? '', clock.now() + FULL_MS);
  }
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return outcomes.reduce((sum, outcome) => sum + (outcome.status === 'fulfilled' ? outcome.value.fresh.length : 0), 0);
}
