import { createHash } from 'node:crypto';
import { at, bitsOf, count, formatPrefix, intersect, lastOf, type Prefix, subtract, toPrefix } from '#ip';
import { badField } from '../errors.ts';
import type { Pool } from '../store/claim-store.ts';

/** Reads `node_slice_size`: one of the ranges must be as large as a slice at least. @throws IpamError BAD_CONFIG */
export function parseSliceLength(
  text: string | undefined,
  subnets: readonly Prefix[],
  source: string,
): number | undefined {
  if (text === undefined || text === '') return undefined;
  const length = Number(/^\/?(\d{1,3})$/.exec(text)?.[1]);
  if (subnets.some(subnet => subnet.length === length || isCut(subnet, length))) return length;
  const shortest = Math.min(...subnets.map(subnet => subnet.length));
  const expected = Number.isFinite(shortest) ? `"/${shortest}" or a longer prefix length` : 'nothing without a range';
  throw badField(source, 'node_slice_size', text, expected);
}

/**
 * The parts of a pool in the order in which a node's pods try them: the node's slice, then the whole range. Which slice is a
 * node's follows from its name alone, so nothing has to be asked or kept; two nodes may have one slice, which costs nothing,
 * since an address is unique whoever takes it.
 */
export function sliceForNode(pool: Pool, sliceLength: number | undefined, node: string): readonly Pool[] {
  const { family, usable, prefixLength, ref } = pool;
  const first = usable[0]?.first ?? 0n;
  const subnet = toPrefix({ family, value: first }, prefixLength);
  if (sliceLength === undefined || !isCut(subnet, sliceLength)) return [pool];
  const digest = createHash('sha256').update(`${pool.scope} ${ref.name} ${node}`).digest('hex');
  // By a usable address of it, so that excludes, start and end leave something in every node's slice.
  const value = at(usable, BigInt(`0x${digest.slice(0, 32)}`) % count(usable));
  const slice = toPrefix({ family, value }, sliceLength);
  const inside = usable.flatMap(interval => {
    const part = intersect(interval, { first: slice.network, last: lastOf(slice) });
    return part === undefined ? [] : [part];
  });
  const own = subtract(inside, edgesOf(slice));
  if (own.length === 0) return [pool];
  const before = ref.name.slice(0, -dashed(subnet).length);
  const name = `${before}${node}-${dashed(slice)}`;
  const named = name.length > NAME_LIMIT ? ref : { ...ref, name };
  return [{ ...pool, ref: named, text: `slice ${formatPrefix(slice)} of ${pool.text}`, usable: own }, pool];
}

/** Longest name of an object. With a longer one an address is shown in the whole range's IPPool. */
const NAME_LIMIT = 253;

function isCut({ family, length }: Prefix, sliceLength: number): boolean {
  return sliceLength > length && sliceLength <= bitsOf(family);
}

/** Whoever routes a slice to its node takes these for the slice's own network and broadcast address. */
function edgesOf(slice: Prefix): readonly { readonly first: bigint; readonly last: bigint }[] {
  if (slice.length >= bitsOf(slice.family) - 1) return [];
  return [slice.network, lastOf(slice)].map(value => ({ first: value, last: value }));
}

function dashed(prefix: Prefix): string {
  return formatPrefix(prefix).replace(/[/:]/g, '-');
}
