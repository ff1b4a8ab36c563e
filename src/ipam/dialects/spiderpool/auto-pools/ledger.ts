import { isSpiderpools, type SpiderIPPool, type SpiderSubnet } from '#api';
import { count, type Family, type IntervalSet, intersection, normalise, subtract } from '#ip';
import { isAutoPool } from '../auto-pools-of.ts';
import { isSameSubnet } from '../pool-overlap.ts';
import { type ReadAddresses, readAddresses } from '../read-addresses.ts';
import { unusableOf } from '../unusable-addresses.ts';
import { lowest, type SetPosition } from './lowest.ts';

/** Which addresses of a subnet are whose, while a plan is made. */
export interface Ledger {
  readonly object: SpiderSubnet;
  readonly family: Family;
  /** All of the subnet's addresses. */
  readonly size: bigint;
  /** What a pool has for itself: of addresses that two have, the earlier pool's. */
  ownOf(pool: string): IntervalSet;
  /** Makes those of these addresses a pool's that are no other's. */
  takeBack(addresses: IntervalSet): IntervalSet;
  /**
   * Makes the lowest so many addresses a pool's that are no pool's and nobody holds. What a pool gives back in this plan is so
   * only in the next one.
   */
  takeFree(number: bigint): IntervalSet;
}

/** What makes addresses unfit to be given to a pool. */
export interface TakenAddresses {
  reserved(family: Family): IntervalSet;
  heldByAnybody(family: Family): IntervalSet;
}

/** The ledger of a subnet; undefined for one that cannot be read, or that Spiderpool itself makes pools of. */
export function openLedger(
  object: SpiderSubnet,
  pools: readonly SpiderIPPool[],
  { reserved, heldByAnybody }: TakenAddresses,
): Ledger | undefined {
  const { addresses } = readAddresses(object.spec);
  if (addresses === undefined || isSpiderpools(object)) return undefined;
  const { subnet, total, gateway } = addresses;
  const ofSubnet = pools.toSorted(byAge).flatMap(pool => {
    const theirs = readAddresses(pool.spec).addresses;
    return theirs !== undefined && isSameSubnet(theirs, addresses) ? [{ name: pool.metadata.name, theirs }] : [];
  });
  const own = shareOut(ofSubnet);
  /** No pool's. */
  let unowned: IntervalSet | undefined;
  /** Nor held by anybody; what lies before the position is given already. */
  let unheld: { readonly set: IntervalSet; from?: SetPosition } | undefined;

  function listUnowned(): IntervalSet {
    const hops = gateway === undefined ? [] : [{ first: gateway.value, last: gateway.value }];
    const taken = ofSubnet.flatMap(({ theirs }) => theirs.total);
    return subtract(total, [...reserved(subnet.family), ...unusableOf(subnet), ...hops, ...taken]);
  }

  return {
    object,
    family: subnet.family,
    size: count(total),
    ownOf: pool => own.get(pool) ?? [],
    takeBack(addresses) {
      if (addresses.length === 0) return [];
      unowned ??= listUnowned();
      const taken = intersection(addresses, unowned);
      unowned = subtract(unowned, taken);
      return taken;
    },
    takeFree(number) {
      unowned ??= listUnowned();
      unheld ??= { set: subtract(unowned, heldByAnybody(subnet.family)) };
      const { taken, rest } = lowest(unheld.set, number, unheld.from);
      unheld.from = rest;
      return taken;
    },
  };
}

type OfSubnet = readonly { readonly name: string; readonly theirs: ReadAddresses }[];

/** Pools hardly ever overlap: only then is each one held against those before it. */
function shareOut(pools: OfSubnet): ReadonlyMap<string, IntervalSet> {
  const all = normalise(pools.flatMap(({ theirs }) => theirs.total));
  const sum = pools.reduce((total, { theirs }) => total + count(theirs.total), 0n);
  let taken: IntervalSet = [];
  return new Map(
    pools.map(({ name, theirs }) => {
      if (count(all) === sum) return [name, theirs.total];
      const own = subtract(theirs.total, taken);
      taken = normalise([...taken, ...theirs.total]);
      return [name, own];
    }),
  );
}

/** Pools that were made by hand first, then the older ones. */
function byAge(a: SpiderIPPool, b: SpiderIPPool): number {
  const keyOf = (pool: SpiderIPPool): string =>
    `${isAutoPool(pool) ? 1 : 0} ${pool.metadata.creationTimestamp ?? ''} ${pool.metadata.name}`;
  return keyOf(a) < keyOf(b) ? -1 : 1;
}
