import { type IPAllocation, WHEREABOUTS_IP_POOLS, type WhereaboutsAllocation, type WhereaboutsIPPool } from '#api';
import { compareMade } from '../compare-made.ts';
import { LISTED_BYTES } from '../pace.ts';
import type { Seen, View, ViewChange } from '../view.ts';
import { holderOf } from './holder.ts';
import { placeOf } from './pool-place.ts';

/** Says how many addresses of the pool are held, where there are too many to list. */
const COUNT_ANNOTATION = 'underlane.io/allocated';

/** Whereabouts' IPPools: who holds which address of a range. One is there as long as somebody holds one. */
export function whereaboutsPoolView(namespace: string): View<WhereaboutsIPPool> {
  return {
    resource: WHEREABOUTS_IP_POOLS,
    query: { namespace },
    namesOf(claim) {
      const place = placeOf(claim);
      return place === undefined ? [] : [{ namespace, name: place.pool }];
    },
    compare: comparePool,
  };
}

/** What is missing in an IPPool. */
export function comparePool(seen: Seen<WhereaboutsIPPool>): ViewChange<WhereaboutsIPPool> {
  const { claims } = seen;
  const [claim] = claims;
  const range = claim === undefined ? undefined : placeOf(claim)?.range;
  if (range === undefined) return compareMade(seen, undefined);
  const listed = allocationsOf(claims);
  const allocations = listed ?? {};
  const count = listed === undefined ? String(claims.length) : undefined;
  return compareMade(seen, {
    create(metadata) {
      const annotations = count === undefined ? {} : { annotations: { [COUNT_ANNOTATION]: count } };
      return { metadata: { ...metadata, ...annotations }, spec: { range, allocations } };
    },
    patch({ metadata, spec }) {
      const changed = changedAllocations(spec.allocations, allocations);
      const isCounted = metadata.annotations?.[COUNT_ANNOTATION] === count;
      if (Object.keys(changed).length === 0 && spec.range === range && isCounted) return undefined;
      return {
        ...(isCounted ? {} : { metadata: { annotations: { [COUNT_ANNOTATION]: count ?? null } } }),
        spec: { range, allocations: changed },
      };
    },
  });
}

type Allocations = Readonly<Record<string, WhereaboutsAllocation>>;

/** By offset; undefined when they are too many for one object. */
function allocationsOf(claims: readonly IPAllocation[]): Allocations | undefined {
  const allocations = new Map<string, WhereaboutsAllocation>();
  let bytes = 0;
  for (const claim of claims) {
    const offset = placeOf(claim)?.offset;
    if (offset === undefined) continue;
    const holder = holderOf(claim);
    bytes += JSON.stringify(holder).length + offset.length + PUNCTUATION_BYTES;
    if (bytes > LISTED_BYTES) return undefined;
    allocations.set(offset, holder);
  }
  return Object.fromEntries(allocations);
}

/** Quotes, colon and comma of an entry. */
const PUNCTUATION_BYTES = 4;

/** A merge patch from one to the other: null for what goes. */
function changedAllocations(from: Allocations, to: Allocations): Readonly<Record<string, unknown>> {
  const gone = Object.keys(from).filter(offset => to[offset] === undefined);
  const changed = Object.entries(to).filter(([offset, { id, podref, ifname }]) => {
    const old = from[offset];
    return old?.id !== id || old.podref !== podref || old.ifname !== ifname;
  });
  return Object.fromEntries([...gone.map((offset): [string, unknown] => [offset, null]), ...changed]);
}
