import {
  type IPAllocation,
  type LabelSelector,
  type ObjectProblem,
  type SpiderIPPool,
  type SpiderSubnet,
  wrongField,
} from '#api';
import { findPrefix, formatPrefix, has, subtract } from '#ip';
import { detectionProblems } from '../../detection.ts';
import { formatAddressRanges } from './address-ranges.ts';
import { isSameSubnet, overlapProblems } from './pool-overlap.ts';
import { type ReadAddresses, readAddresses } from './read-addresses.ts';
import { selectorProblems } from './validate-selector.ts';

/** The objects that a pool must agree with. */
export interface PoolNeighbours {
  readonly pools: readonly SpiderIPPool[];
  readonly subnets: readonly SpiderSubnet[];
}

/** What is wrong with a pool by itself. A pool with problems hands nothing out. */
export function poolProblems(pool: SpiderIPPool): readonly ObjectProblem[] {
  const { spec } = pool;
  return [
    ...readAddresses(spec).problems,
    ...detectionProblems(pool.metadata),
    ...affinityProblems(spec.podAffinity, 'podAffinity'),
    ...affinityProblems(spec.namespaceAffinity, 'namespaceAffinity'),
    ...affinityProblems(spec.nodeAffinity, 'nodeAffinity'),
    ...(spec.podAffinity !== undefined && isEmpty(spec.podAffinity)
      ? [
          wrongField(
            ['spec', 'podAffinity'],
            spec.podAffinity,
            'matchLabels or matchExpressions: empty podAffinity is invalid for SpiderIPPool',
          ),
        ]
      : []),
  ];
}

/** What is wrong with a pool among others. */
export function validateSpiderIPPool(pool: SpiderIPPool, others: PoolNeighbours): readonly ObjectProblem[] {
  const { addresses } = readAddresses(pool.spec);
  if (addresses === undefined) return poolProblems(pool);
  return [
    ...poolProblems(pool),
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
  return [...problems, ...removedInUse(old, pool, claims)];
}

/** What is wrong with deleting a pool. `claims` are those of the pool. */
export function validateSpiderIPPoolRemoval(
  pool: SpiderIPPool,
  claims: readonly IPAllocation[],
): readonly ObjectProblem[] {
  if (claims.length === 0) return [];
  const holders = claims.slice(0, SHOWN).map(claim => `${addressOf(claim)} by ${holderOf(claim)}`);
  const more = claims.length > SHOWN ? ` and ${claims.length - SHOWN} more` : '';
  return [
    {
      path: [],
      message: `SpiderIPPool ${pool.metadata.name} is deleted, expected that none of its addresses is used: ${holders.join(', ')}${more}; set spec.disable to stop it from handing out more`,
    },
  ];
}

/** As many users of addresses as a message names. */
const SHOWN = 3;

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
  return used.slice(0, SHOWN).map(claim => ({
    path: ['spec', 'ips'],
    message: `spec.ips and spec.excludeIPs remove an IP address ${addressOf(claim)} that is being used by ${holderOf(claim)}, expected those in use to stay${used.length > SHOWN ? ` (${used.length} are in use)` : ''}`,
  }));
}

/** A pool in a SpiderSubnet's network has addresses of it alone. */
function subnetProblems(pool: SpiderIPPool, own: ReadAddresses, subnet: SpiderSubnet): readonly ObjectProblem[] {
  const theirs = readAddresses(subnet.spec).addresses;
  if (theirs === undefined || !isSameSubnet(own, theirs)) return [];
  const outside = subtract(own.total, theirs.total);
  if (outside.length === 0) return [];
  const ranges = formatAddressRanges(outside, own.subnet.family).join(', ');
  const expected = `addresses that SpiderSubnet ${subnet.metadata.name} of ${formatPrefix(theirs.subnet)} has: it lacks ${ranges}`;
  return [wrongField(['spec', 'ips'], pool.spec.ips, expected)];
}

function affinityProblems(selector: LabelSelector | undefined, field: string): readonly ObjectProblem[] {
  return selector === undefined ? [] : selectorProblems(selector, ['spec', field]);
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

function addressOf({ spec }: IPAllocation): string {
  return spec.address.split('/')[0] ?? spec.address;
}

function holderOf({ spec: { owner } }: IPAllocation): string {
  if (owner.podName === undefined) return `container ${owner.containerId ?? 'unknown'}`;
  return `Pod ${owner.podNamespace ?? 'default'}/${owner.podName}`;
}
