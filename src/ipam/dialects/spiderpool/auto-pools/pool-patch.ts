import type { SpiderIPPool } from '#api';
import type { IntervalSet } from '#ip';
import { formatAddressRanges } from '../address-ranges.ts';
import { readAddresses } from '../read-addresses.ts';
import type { Demand } from './demand.ts';
import { labelsOf } from './pool-object.ts';

/** What of a pool is to be written anew. */
export interface PoolPatch {
  readonly metadata?: { readonly labels: Readonly<Record<string, string>> };
  readonly spec?: { readonly ips: readonly string[]; readonly excludeIPs: null };
}

/** The difference between a pool and what is asked for; undefined when there is none. */
export function patchOf({ metadata, spec }: SpiderIPPool, demand: Demand, chosen: IntervalSet): PoolPatch | undefined {
  const labels = labelsOf(demand, spec.subnet);
  const isLabelled = Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value);
  const ips = formatAddressRanges(chosen, demand.family);
  const now = formatAddressRanges(readAddresses(spec).addresses?.total ?? [], demand.family);
  const isSized = ips.join() === now.join();
  if (isLabelled && isSized) return undefined;
  return {
    ...(isLabelled ? {} : { metadata: { labels } }),
    ...(isSized ? {} : { spec: { ips, excludeIPs: null } }),
  };
}
