import { isDeepStrictEqual } from 'node:util';
import {
  type IPAllocation,
  type LabelSelector,
  type ObjectProblem,
  type SpiderIPPool,
  type SpiderSubnet,
  wrongField,
} from '#api';
import { showValue } from '#base';
import { findPrefix, formatPrefix, has, subtract } from '#ip';
import { detectionProblems } from '../../config/detection.ts';
import { heldAddress, holderOf, listHolders, NAMED_HOLDERS } from '../list-holders.ts';
import { showAddressRanges } from './address-ranges.ts';
import { splitPodAffinity } from './app-labels.ts';
import { isAutoPool } from './auto-pools-of.ts';
import { isSameSubnet, overlapProblems } from './pool-overlap.ts';
import { type ReadAddresses, readAddresses } from './read-addresses.ts';
import { selectorProblems } from './validate-selector.ts';

/** The objects that a pool must agree with. */
export interface PoolNeighbours {
  readonly pools: readonly SpiderIPPool[];
  readonly subnets: readonly SpiderSubnet[];
}

/** What a pool says, and what is wrong with it by itself: with an error it says nothing, and hands nothing out. */
export function readPool({ metadata, spec }: SpiderIPPool): ReturnType<typeof readAddresses> {
  const { problems, addresses } = readAddresses(spec);
  const all = [
    ...problems,
    ...detectionProblems(metadata),
    // What means a pod's controller stands for its name, which may be longer than a label.
    ...affinityProblems(spec.podAffinity && splitPodAffinity(spec.podAffinity).pod, 'podAffinity'),
    ...affinityProblems(spec.namespaceAffinity, 'namespaceAffinity'),
    ...affinityProblems(spec.nodeAffinity, 'nodeAffinity'),
    ...emptyAffinityProblems(spec.podAffinity),
  ];
  return all.length > 0 || addresses === undefined ? { problems: all } : { problems: all, addresses };
}

/** What is wrong with a pool among others. */
export function validateSpiderIPPool(pool: SpiderIPPool, others: PoolNeighbours): readonly ObjectProblem[] {
  const { addresses } = readAddresses(pool.spec);
  const { problems } = readPool(pool);
  if (addresses === undefined) return problems;
  return [
    ...problems,
    ...overlapProblems(pool, addresses, others.pools),
    ...others.subnets.flatMap(subnet => subnetProblems(pool, addresses, subnet)),
  ];
}

/** What is wrong with a change. `claims` are those of the pool. */
export function validateSpiderIPPoolChange(
  old: SpiderIPPool,
  pool: SpiderIPPool,
  claims: readonly IPAllocation[],
): readonly ObjectProblem[] {
  const problems: ObjectProblem[] = [];
  if (pool.spec.subnet !== old.spec.subnet) {
    problems.push(wrongField(['spec', 'subnet'], pool.spec.subnet, `${old.spec.subnet}: it is not changeable`));
  }
  if (
    pool.spec.ipVersion !== undefined &&
    old.spec.ipVersion !== undefined &&
    pool.spec.ipVersion !== old.spec.ipVersion
  ) {
    problems.push(
      wrongField(['spec', 'ipVersion'], pool.spec.ipVersion, `${old.spec.ipVersion}: it is not changeable`),
    );
  }
  if (old.metadata.deletionTimestamp !== undefined && JSON.stringify(old.spec) !== JSON.stringify(pool.spec)) {
    problems.push({ path: ['spec'], message: `spec is changed, expected no change: the pool is being deleted` });
  }
  return [...problems, ...changedUsers(old, pool), ...removedInUse(old, pool, claims)];
}

/** What is wrong with deleting a pool. `claims` are those of the pool. */
export function validateSpiderIPPoolRemoval(
  pool: SpiderIPPool,
  claims: readonly IPAllocation[],
): readonly ObjectProblem[] {
  if (claims.length === 0) return [];
  const expected = `none of its addresses is used: ${listHolders(claims)}`;
  return [
    {
      path: [],
      message: `SpiderIPPool ${pool.metadata.name} is deleted, expected that ${expected}; set spec.disable to stop it from handing out more`,
    },
  ];
}

const USERS = ['podAffinity', 'namespaceName', 'namespaceAffinity', 'nodeName', 'nodeAffinity', 'multusName'] as const;

/** A pool that was made for one workload is for nobody else. */
function changedUsers(old: SpiderIPPool, pool: SpiderIPPool): readonly ObjectProblem[] {
  if (!isAutoPool(old)) return [];
  return USERS.flatMap(field => {
    const [before, after] = [old.spec[field], pool.spec[field]];
    if (isDeepStrictEqual(before, after)) return [];
    const expected = `${before === undefined ? 'none' : showValue(before)}: the pool was made for one workload`;
    return [wrongField(['spec', field], after, expected)];
  });
}

function removedInUse(
  old: SpiderIPPool,
  pool: SpiderIPPool,
  claims: readonly IPAllocation[],
): readonly ObjectProblem[] {
  const [before, after] = [readAddresses(old.spec).addresses, readAddresses(pool.spec).addresses];
  if (before === undefined || after === undefined || !isSameSubnet(before, after)) return [];
  const removed = subtract(before.total, after.total);
  const used = claims.filter(claim => {
    const address = findPrefix(claim.spec.address);
    return address?.family === before.subnet.family && has(removed, address.address);
  });
  return used.slice(0, NAMED_HOLDERS).map(claim => ({
    path: ['spec', 'ips'],
    message: `spec.ips and spec.excludeIPs remove an IP address ${heldAddress(claim)} that is being used by ${holderOf(claim)}, expected those in use to stay${used.length > NAMED_HOLDERS ? ` (${used.length} are in use)` : ''}`,
  }));
}

/** A pool in a SpiderSubnet's network has addresses of it alone. */
function subnetProblems(pool: SpiderIPPool, own: ReadAddresses, subnet: SpiderSubnet): readonly ObjectProblem[] {
  const theirs = readAddresses(subnet.spec).addresses;
  if (theirs === undefined || !isSameSubnet(own, theirs)) return [];
  const outside = subtract(own.total, theirs.total);
  if (outside.length === 0) return [];
  const ranges = showAddressRanges(outside, own.subnet.family);
  const expected = `addresses that SpiderSubnet ${subnet.metadata.name} of ${formatPrefix(theirs.subnet)} has: it lacks ${ranges}`;
  return [wrongField(['spec', 'ips'], pool.spec.ips, expected)];
}

function affinityProblems(selector: LabelSelector | undefined, field: string): readonly ObjectProblem[] {
  return selector === undefined ? [] : selectorProblems(selector, ['spec', field]);
}

/** To Kubernetes it would mean every pod. */
function emptyAffinityProblems(selector: LabelSelector | undefined): readonly ObjectProblem[] {
  if (selector === undefined || !isEmpty(selector)) return [];
  const expected = 'matchLabels or matchExpressions: empty podAffinity is invalid for SpiderIPPool';
  return [wrongField(['spec', 'podAffinity'], selector, expected)];
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}
