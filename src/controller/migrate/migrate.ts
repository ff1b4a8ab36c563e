import { type Pod, STATEFUL_SETS } from '#api';
import { type PlannedClaims, planPodClaims } from '#attach';
import { codeOf, createKeyedQueue, messageOf } from '#base';
import { formatIp } from '#ip';
import { claimName, isSameOwner } from '#ipam';
import type { ControllerDeps } from '../deps.ts';
import { claimPlanSources } from '../preallocate/claim-plan-sources.ts';
import { absentMember, type MemberSources } from './absent-members.ts';
import { indexPods, type PodIndex } from './find-pod.ts';
import { findWriters } from './find-writers.ts';
import { describe, type ForeignObject } from './foreign-object.ts';
import type { ForeignRecord } from './foreign-record.ts';
import { listIfAny } from './list-if-any.ts';
import { isSettled, type MigrationReport, type ReportedAddress } from './migration-report.ts';
import type { Peer } from './peer.ts';
import { type PlacedClaim, placeRecord } from './place-record.ts';

export interface MigrationOrder {
  readonly peer: Peer;
  /** Only says what would be done. */
  readonly isDryRun: boolean;
  /** Writes although others may still allocate. */
  readonly isForced: boolean;
}

/** At once: enough to keep the API server busy. */
const PARALLEL = 16;

/**
 * Makes claims of the addresses that running pods have from another allocator, and that are kept for pods of StatefulSets, then takes its objects over whose addresses
 * are all claims. Pods are not touched. Can be repeated: what is done already is found.
 * @throws ApiError; what was imported so far stays, which is harmless
 */
export async function migrate(
  { peer, isDryRun, isForced }: MigrationOrder,
  deps: ControllerDeps,
  signal: AbortSignal,
): Promise<MigrationReport> {
  const { client, namespace, clock, pods, nodes, claims, nads } = deps;
  await Promise.all([pods, nodes, claims, nads].map(cache => cache.ready(signal)));
  const writers = await findWriters(peer, { client, namespace, now: clock.now() }, signal);
  const { readings, objects } = await peer.read({
    list: resource => listIfAny(client, resource, signal),
    pods: pods.list(),
  });
  const problems = readings.flatMap(({ problem }) => problem ?? []);
  const records = readings.flatMap(reading => reading.records);
  const isRefused = !isDryRun && !isForced && writers.length > 0;
  const isWriting = !isDryRun && !isRefused;
  const index = indexPods(pods.list());
  const members: MemberSources = {
    sets: await listIfAny(client, STATEFUL_SETS, signal),
    pods: pods.list(),
    node:
      nodes
        .list()
        .map(({ metadata }) => metadata.name)
        .sort()[0] ?? '',
  };
  const plan = createPlanner(deps, signal);
  const places = createKeyedQueue(PARALLEL);
  const addresses = await Promise.all(
    records.map((record, position) =>
      places.run(String(position), () => settle(record, { index, members, plan, peer, isWriting, deps }, signal)),
    ),
  );
  const open = objects.filter(object => object.takeOver !== undefined);
  const isComplete = addresses.every(isSettled) && problems.length === 0;
  // An endpoint or a reservation is about addresses of some pool: all of them, or none.
  const taken = isComplete ? open : [];
  if (isWriting)
    await Promise.all(taken.map(object => places.run(describe(object), () => takeOver(object, deps, signal))));
  return {
    from: peer.name,
    isDryRun,
    ...(isRefused ? { refused: 'others may still allocate; end them, or use --force' } : {}),
    writers,
    addresses,
    takenOver: taken.map(describe),
    left: isComplete ? [] : open.map(describe),
    problems,
  };
}

interface Settling {
  readonly index: PodIndex;
  readonly members: MemberSources;
  readonly plan: (pod: Pod) => Promise<readonly PlannedClaims[]>;
  readonly peer: Peer;
  readonly isWriting: boolean;
  readonly deps: ControllerDeps;
}

async function settle(record: ForeignRecord, settling: Settling, signal: AbortSignal): Promise<ReportedAddress> {
  const { index, members, plan, peer, isWriting, deps } = settling;
  const [there, ...others] = index.list(record);
  const pod = there ?? (peer.keepsForStatefulSets ? absentMember(record, members) : undefined);
  const shown = {
    address: formatIp(record.ip),
    record: describe(record.object),
    ...(record.pod === undefined ? {} : { pod: `${record.pod.namespace}/${record.pod.name}` }),
    ...(record.interface === undefined ? {} : { interface: record.interface }),
  };
  if (pod === undefined) return { ...shown, outcome: 'stale', why: index.whyNone(record) };
  const { namespace = 'default', name } = pod.metadata;
  const known = { ...shown, pod: `${namespace}/${name}`, node: pod.spec.nodeName ?? '' };
  if (others.length > 0) {
    const names = [pod, ...others].map(({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}`);
    return { ...shown, outcome: 'unplaced', why: `several pods say that they have it: ${names.join(', ')}` };
  }
  let planned: readonly PlannedClaims[];
  try {
    planned = await plan(pod);
  } catch (error) {
    return { ...known, outcome: 'unplaced', why: messageOf(error) };
  }
  const placed = placeRecord(record, pod, planned);
  if (placed === undefined) {
    return { ...known, outcome: 'unplaced', why: 'none of the networks that the pod asks for has it' };
  }
  const full = { ...known, interface: placed.owner.interface };
  if (!isWriting) return { ...full, ...foresee(record, placed, deps) };
  try {
    const claim = await deps.store.take({ ...placed, importedFrom: peer.name }, signal);
    return { ...full, outcome: claim.isNew ? 'imported' : 'present' };
  } catch (error) {
    if (codeOf(error) !== 'ADDRESS_TAKEN') throw error;
    return { ...full, outcome: 'held', why: messageOf(error) };
  }
}

/** What would become of it. */
function foresee(
  { ip }: ForeignRecord,
  { pools: [pool], owner }: PlacedClaim,
  { claims }: ControllerDeps,
): Pick<ReportedAddress, 'outcome' | 'why'> {
  const holder = pool === undefined ? undefined : claims.find({ name: claimName(pool.scope, ip) });
  if (holder === undefined) return { outcome: 'missing' };
  if (isSameOwner(holder.spec.owner, owner)) return { outcome: 'present' };
  const { podNamespace = '', podName = holder.spec.owner.containerId } = holder.spec.owner;
  return { outcome: 'held', why: `"${podNamespace}/${podName}" holds it` };
}

/** Under what it was when it was read: a write of somebody else's in between is a Conflict. */
async function takeOver(
  { resource, name, seen, takeOver: body }: ForeignObject,
  deps: ControllerDeps,
  signal: AbortSignal,
): Promise<void> {
  await deps.client.mergePatch(resource, name, { metadata: { ...seen, ...body } }, { signal });
}

/** Plans each pod once, whatever it has addresses of. */
function createPlanner(deps: ControllerDeps, signal: AbortSignal): Settling['plan'] {
  const plans = new Map<string, Promise<readonly PlannedClaims[]>>();
  return pod => {
    const key = `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`;
    const known = plans.get(key) ?? planPodClaims(pod, claimPlanSources(deps), signal);
    plans.set(key, known);
    return known;
  };
}
