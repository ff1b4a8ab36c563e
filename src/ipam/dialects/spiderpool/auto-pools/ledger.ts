import { isSpiderpools, type SpiderIPPool, type SpiderSubnet } from '#api';
import { type Family, type IntervalSet, normalise, subtract } from '#ip';
import { isAutoPool } from '../auto-pools-of.ts';
import { isSameSubnet } from '../pool-overlap.ts';
import { readAddresses } from '../read-addresses.ts';
import { unusableOf } from '../unusable-addresses.ts';

/** Which addresses of a subnet are whose, while a plan is made. */
export interface Ledger {
  readonly object: SpiderSubnet;
  readonly family: Family;
  /** What a pool has for itself: of addresses that two have, the earlier pool's. */
  ownOf(pool: string): IntervalSet;
  /** Nobody's. What a pool gives back in this plan is so only in the next one. */
  free(): IntervalSet;
  take(addresses: IntervalSet): void;
}

/** The ledger of a subnet; undefined for one that cannot be read, or that Spiderpool itself makes pools of. */
export function openLedger(
  object: SpiderSubnet,
  pools: readonly SpiderIPPool[],
  reserved: (family: Family) => IntervalSet,
): Ledger | undefined {
  const { addresses } = readAddresses(object.spec);
  if (addresses === undefined || isSpiderpools(object)) return undefined;
  const { subnet, total, gateway } = addresses;
  const own = new Map<string, IntervalSet>();
  let taken: IntervalSet = [];
  for (const pool of pools.toSorted(byAge)) {
    const theirs = readAddresses(pool.spec).addresses;
    if (theirs === undefined || !isSameSubnet(theirs, addresses)) continue;
    own.set(pool.metadata.name, subtract(theirs.total, taken));
    taken = normalise([...taken, ...theirs.total]);
  }
  const hops = gateway === undefined ? [] : [{ first: gateway.value, last: gateway.value }];
  const nobodys = subtract(total, [...reserved(subnet.family), ...unusableOf(subnet), ...hops]);
  return {
    object,
    family: subnet.family,
    ownOf: pool => own.get(pool) ?? [],
    free: () => subtract(nobodys, taken),
    take(more) {
      taken = normalise([...taken, ...more]);
    },
  };
}

/** Pools that were made by hand first, then the older ones. */
function byAge(a: SpiderIPPool, b: SpiderIPPool): number {
  const keyOf = (pool: SpiderIPPool): string =>
    `${isAutoPool(pool) ? 1 : 0} ${pool.metadata.creationTimestamp ?? ''} ${pool.metadata.name}`;
  return keyOf(a) < keyOf(b) ? -1 : 1;
}
