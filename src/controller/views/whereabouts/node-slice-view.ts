import { isDeepStrictEqual } from 'node:util';
import { type IPAllocation, NODE_SLICE_POOLS, type NodeSlice, type NodeSlicePool } from '#api';
import { findPrefix, formatPrefix, type Prefix, toPrefix } from '#ip';
import { compareMade } from '../compare-made.ts';
import type { Seen, View, ViewChange } from '../view.ts';
import { placeOf } from './pool-place.ts';

/** Whereabouts' NodeSlicePools: on which node the addresses of each part of a range are used, of the parts that are. */
export function nodeSliceView(namespace: string): View<NodeSlicePool> {
  return {
    resource: NODE_SLICE_POOLS,
    query: { namespace },
    namesOf(claim) {
      const slice = sliceOf(claim);
      return slice === undefined ? [] : [{ namespace, name: slice.pool }];
    },
    compare: compareNodeSlices,
  };
}

/** What is missing in a NodeSlicePool. */
export function compareNodeSlices(seen: Seen<NodeSlicePool>): ViewChange<NodeSlicePool> {
  const slices = seen.claims.map(sliceOf).filter(slice => slice !== undefined);
  const [first] = slices;
  if (first === undefined) return compareMade(seen, undefined);
  const spec = { range: formatPrefix(first.range), sliceSize: `/${first.slice.length}` };
  const status = { allocations: toAllocations(first.slice, slices) };
  return compareMade(seen, {
    create: metadata => ({ metadata, spec, status }),
    patch(object) {
      const isSame = isDeepStrictEqual(object.spec, spec) && isDeepStrictEqual(object.status, status);
      return isSame ? undefined : { spec, status };
    },
  });
}

interface Slice {
  /** Name of the NodeSlicePool. */
  readonly pool: string;
  readonly range: Prefix;
  readonly slice: Prefix;
  readonly node: string;
}

/** The slice that a claim's address is of; undefined for one of a range that is whole. */
function sliceOf(claim: IPAllocation): Slice | undefined {
  const place = placeOf(claim);
  const address = findPrefix(claim.spec.address);
  const slice = place === undefined ? undefined : findPrefix(place.range);
  if (place === undefined || slice === undefined || address === undefined || slice.length === address.length) {
    return undefined;
  }
  const { owner, node } = claim.spec;
  // As Whereabouts: the network_name, else the network's own name. Further ranges of a network have their number.
  const base = place.networkName === '' ? owner.network.replace(/^.*\//, '') : place.networkName;
  const range = toPrefix({ family: address.family, value: address.network }, address.length);
  return { pool: owner.slot === 0 ? base : `${base}-${owner.slot}`, range, slice, node };
}

/** In the order of their addresses; each is the node's that has most of them, which is mostly the only one. */
function toAllocations({ family, length }: Prefix, slices: readonly Slice[]): readonly NodeSlice[] {
  const users = new Map<bigint, Map<string, number>>();
  for (const { slice, node } of slices) {
    const counts = users.get(slice.network) ?? new Map<string, number>();
    counts.set(node, (counts.get(node) ?? 0) + 1);
    users.set(slice.network, counts);
  }
  const used = [...users].sort(([a], [b]) => (a < b ? -1 : 1));
  return used.map(([value, counts]) => ({
    nodeName: mostOf(counts),
    sliceRange: formatPrefix(toPrefix({ family, value }, length)),
  }));
}

function mostOf(counts: ReadonlyMap<string, number>): string {
  const [most] = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b, 'en'));
  return most?.[0] ?? '';
}
