import type { SpiderIPPool, SpiderSubnet, SpiderSubnetStatus } from '#api';
import { count } from '#ip';
import { formatAddressRanges } from './address-ranges.ts';
import { OWNER_GROUP_VERSION_LABEL, OWNER_KIND_LABEL, OWNER_NAME_LABEL, OWNER_NAMESPACE_LABEL } from './labels.ts';
import { isSameSubnet } from './pool-overlap.ts';
import { readAddresses } from './read-addresses.ts';

/** What a subnet's status says: which of its addresses were given to which pool. A subnet that cannot be read has none. */
export function subnetStatusOf(subnet: SpiderSubnet, pools: readonly SpiderIPPool[]): SpiderSubnetStatus {
  const own = readAddresses(subnet.spec).addresses;
  if (own === undefined) return { totalIPCount: 0, allocatedIPCount: 0 };
  const controlled = pools.flatMap(pool => {
    const theirs = readAddresses(pool.spec).addresses;
    return theirs !== undefined && isSameSubnet(own, theirs) ? [{ pool, total: theirs.total }] : [];
  });
  const entries = controlled.map(({ pool, total }): [string, ControlledPool] => [
    pool.metadata.name,
    { ips: formatAddressRanges(total, own.subnet.family), ...applicationOf(pool) },
  ]);
  const pairs = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...(controlled.length === 0 ? {} : { controlledIPPools: JSON.stringify(pairs) }),
    totalIPCount: clampCount(count(own.total)),
    allocatedIPCount: clampCount(controlled.reduce((sum, { total }) => sum + count(total), 0n)),
  };
}

/** A number of addresses as readers take it, who know 64-bit numbers or doubles. */
export function clampCount(number: bigint): number {
  return Number(number < BigInt(Number.MAX_SAFE_INTEGER) ? number : Number.MAX_SAFE_INTEGER);
}

interface ControlledPool {
  readonly ips: readonly string[];
  /** `apps_v1_Deployment_ns_name`, of a pool that was made for one workload. */
  readonly application?: string;
}

function applicationOf({ metadata: { labels = {} } }: SpiderIPPool): Pick<ControlledPool, 'application'> {
  const parts = [OWNER_GROUP_VERSION_LABEL, OWNER_KIND_LABEL, OWNER_NAMESPACE_LABEL, OWNER_NAME_LABEL].map(
    label => labels[label],
  );
  return parts.every(part => part !== undefined) ? { application: parts.join('_') } : {};
}
