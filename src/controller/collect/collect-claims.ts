import { agentLeaseName, type IPAllocation, LEASES, type PodState } from '#api';
import { podState } from '#attach';
import { codeOf, createKeyedQueue, messageOf } from '#base';
import { isKept } from '#ipam';
import { isApiError } from '#kube';
import { count } from '../count.ts';
import type { ControllerDeps } from '../deps.ts';
import type { Loop } from '../loop.ts';
import { createRepeater } from '../repeater.ts';
import { fenceMsOf } from './fence-ms.ts';
import { cachedFacts, liveFacts } from './find-node-facts.ts';
import { mayCollect } from './judge-claim.ts';
import { type FenceRules, judgeNode, type NodeVerdict } from './judge-node.ts';
import { createSightings, type Sightings } from './sightings.ts';

/** How soon after its node's death a claim goes, at the latest. */
const LOOK_MS = 10_000;
const COLLECTED = {
  name: 'underlane_controller_claims_collected_total',
  help: 'Claims that were given back in the place of their node, by the proof that it is dead',
  label: 'why',
};
/**
 * As old may a verdict be when a claim is deleted by it. A process that was stopped for a minute goes on where it was: the node
 * may live again by then, and another replica lead.
 */
const VERDICT_MS = 5_000;
/** Deletes at once; more would crowd out those who wait for the same API server. */
const PARALLEL = 8;

export const COLLECT_LOOP: Loop = { name: 'collect', runsOn: 'leader', start: collectClaims };

/**
 * Gives back the claims of nodes that are proven to be dead, until the signal. A node that lives gives its claims back itself:
 * only it knows which sandboxes still use them.
 */
async function collectClaims(deps: ControllerDeps, signal: AbortSignal): Promise<never> {
  const { claims, pods, nodes, leases, clock, steady, log } = deps;
  const sightings = createSightings(steady);
  const repeater = createRepeater({
    what: 'give back claims of dead nodes',
    round: stopped => collectOnce(deps, sightings, stopped),
    everyMs: LOOK_MS,
    clock,
    log,
  });
  await Promise.all([claims, pods, nodes, leases].map(cache => cache.ready(signal)));
  using _ = { [Symbol.dispose]: nodes.subscribe(() => repeater.wake()) };
  return await repeater.run(signal);
}

/** One look at all nodes that have claims or had an agent. @throws ApiError */
export async function collectOnce(deps: ControllerDeps, sightings: Sightings, signal: AbortSignal): Promise<void> {
  const { claims, pods, nodes, leases } = deps;
  // What was not seen to change while nobody looked may have changed: silence is counted anew.
  if (![claims, pods, nodes, leases].every(cache => cache.isFresh)) return sightings.keepOnly(new Set());
  const byNode = groupByNode(claims.list());
  for (const { metadata } of leases.list()) {
    const node = nodeOfLease(metadata.name);
    if (node !== undefined && !byNode.has(node)) byNode.set(node, []);
  }
  sightings.keepOnly(new Set(byNode.keys()));
  for (const [node, own] of byNode) {
    if (judgeNode(cachedFacts(node, deps, sightings), rulesOf(deps)).frees.size > 0) {
      await collectOfNode(node, own, deps, sightings, signal);
    }
  }
}

async function collectOfNode(
  node: string,
  claims: readonly IPAllocation[],
  deps: ControllerDeps,
  sightings: Sightings,
  signal: AbortSignal,
): Promise<void> {
  const judgedAt = deps.steady.now();
  const facts = await liveFacts(node, deps, sightings, signal);
  const verdict = judgeNode(facts, rulesOf(deps));
  if (verdict.frees.size === 0) return;
  const isOld = (): boolean => signal.aborted || deps.steady.now() - judgedAt > VERDICT_MS;
  const places = createKeyedQueue(PARALLEL);
  const outcomes = await Promise.allSettled(
    claims.map(claim => places.run(claim.metadata.name, () => collect(claim, verdict, isOld, deps, signal))),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  const isForgotten = facts.node === undefined && facts.silentMs >= rulesOf(deps).fenceMs;
  if (isForgotten && claims.length === 0) await forgetLease(node, deps, signal);
}

async function collect(
  claim: IPAllocation,
  verdict: NodeVerdict,
  isOld: () => boolean,
  { client, pods, store, registry, clock, log }: ControllerDeps,
  signal: AbortSignal,
): Promise<void> {
  const { metadata, spec } = claim;
  if (!mayCollect(claim, verdict, await stateOfPod(claim, { client, pods }), clock.now())) return;
  if (isOld()) return;
  // A virtual machine that was migrating has come through: its address goes on with it.
  if (await store.handOver(claim, signal)) return;
  if (await isKept(claim, client, signal)) return;
  // What is left is judged anew in the next round.
  if (isOld()) return;
  const { name, uid = '', resourceVersion } = metadata;
  const seen = { name, uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  const outcome = await store.release(seen, signal);
  log.info({ claim: name, node: spec.node, why: verdict.why, outcome }, "Gave back a dead node's claim");
  if (outcome === 'released') count(registry, COLLECTED, verdict.why);
}

async function stateOfPod(
  { spec }: IPAllocation,
  api: Pick<ControllerDeps, 'client' | 'pods'>,
): Promise<PodState | 'none'> {
  const { podNamespace, podName, podUid } = spec.owner;
  if (podNamespace === undefined || podName === undefined || podUid === undefined) return 'none';
  return podState(api, { namespace: podNamespace, name: podName, uid: podUid });
}

/** The Lease of a node that has gone, once it has nothing left. */
async function forgetLease(node: string, deps: ControllerDeps, signal: AbortSignal): Promise<void> {
  const { client, leases, namespace, log } = deps;
  const name = { namespace, name: agentLeaseName(node) };
  const { uid, resourceVersion } = leases.find(name)?.metadata ?? {};
  if (uid === undefined || resourceVersion === undefined) return;
  try {
    await client.delete(LEASES, name, { preconditions: { uid, resourceVersion }, signal });
  } catch (error) {
    // Renewed after all, or gone.
    if (!isApiError(error, 'Conflict') && !isApiError(error, 'NotFound')) throw error;
    log.debug({ node, code: codeOf(error), err: messageOf(error) }, 'Did not delete a Lease');
  }
}

function rulesOf({ options }: ControllerDeps): FenceRules {
  return {
    fenceMs: fenceMsOf(options),
    reclaimsNotReady: options.reclaimsNotReady === true,
  };
}

function groupByNode(claims: readonly IPAllocation[]): Map<string, IPAllocation[]> {
  const groups = new Map<string, IPAllocation[]>();
  for (const claim of claims) {
    const group = groups.get(claim.spec.node);
    if (group === undefined) groups.set(claim.spec.node, [claim]);
    else group.push(claim);
  }
  return groups;
}

function nodeOfLease(name: string): string | undefined {
  const prefix = agentLeaseName('');
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
}
