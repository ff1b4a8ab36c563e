import { createHash } from 'node:crypto';
import { type GrowingSet, has, type IntervalSet, indexByRank, type RankIndex } from '#ip';
import type { Pool } from './claim-store.ts';

/** What is known about a pool's addresses right now; both may be incomplete, since creating the object decides. */
export interface PoolKnowledge {
  /** Held by somebody. Looked at again for every address, so it may grow meanwhile. */
  readonly taken: TakenAddresses;
  /** Released lately, least recently first: others may still have them in their neighbour tables. */
  readonly cooling: ReadonlySet<bigint>;
  /** Of `taken`, those of which we were told by having lost them: others are at work there. Grows meanwhile, too. */
  readonly lost?: Pick<GrowingSet, 'within'>;
}

export type TakenAddresses = Pick<GrowingSet, 'has' | 'firstFree'>;

/** Who asks: they decide where `spread` begins. */
export interface Asker {
  /** One text for each owner. */
  readonly owner: string;
  readonly node: string;
}

/**
 * `spread`: each node begins in a part of the pool of its own, where it knows what is held, and each owner elsewhere in it.
 * `unused-first`: ascending, those that cool down last. `lowest`: ascending, whatever was released.
 */
export type ChoiceOrder = 'spread' | 'unused-first' | 'lowest';

/** Parts of a pool: more than nodes use at once, so that few meet; small, so that a full one is soon walked past. */
const MOST_PARTS = 64n;
const LARGEST_PART = 128n;

/**
 * Addresses to try, best first: each usable one that is not taken exactly once.
 *
 * The order depends only on pool, node and owner, so that two racers for one attachment meet on one name. `spread` differs
 * between them in start and stride, so that racers for different attachments do not meet. Lazy: a /8 or a /64 costs nothing.
 */
export function candidates(
  pool: Pick<Pool, 'scope' | 'ref' | 'usable'>,
  asker: Asker,
  knowledge: PoolKnowledge,
  order: ChoiceOrder,
): Generator<bigint, void> {
  return order === 'spread' ? spread(pool, asker, knowledge) : ascending(pool.usable, knowledge, order);
}

function* ascending(
  usable: IntervalSet,
  { taken, cooling }: PoolKnowledge,
  order: 'unused-first' | 'lowest',
): Generator<bigint, void> {
  let from: bigint | undefined;
  for (;;) {
    const value = taken.firstFree(usable, from);
    if (value === undefined) break;
    from = value + 1n;
    if (order === 'lowest' || !cooling.has(value)) yield value;
  }
  if (order === 'unused-first') yield* cooled(usable, { taken, cooling });
}

function* cooled(usable: IntervalSet, { taken, cooling }: PoolKnowledge): Generator<bigint, void> {
  for (const value of [...cooling]) if (has(usable, value) && !taken.has(value)) yield value;
}

function* spread(
  { scope, ref, usable }: Pick<Pool, 'scope' | 'ref' | 'usable'>,
  { owner, node }: Asker,
  { taken, cooling, lost }: PoolKnowledge,
): Generator<bigint, void> {
  const seed = `${scope} ${ref.dialect} ${ref.kind} ${ref.name}`;
  // As it is now: what begins to cool while we choose is offered at the end, once.
  const later = new Set(cooling);
  const addresses = indexByRank(usable);
  if (addresses.count === 0n) return;
  const size = partSize(addresses.count);
  const parts = createWalk((addresses.count + size - 1n) / size, `${seed} ${node}`);
  const inside = createWalk(size, `${seed} ${owner}`);
  /** By parts, by their first rank. */
  const reached = new Map<bigint, bigint>();
  // Where others are at work nobody knows all that is held: such parts come last.
  for (const isLast of lost === undefined ? [true] : [false, true]) {
    for (let step = 0n; step < parts.count; step++) {
      const start = parts.at(step) * size;
      const end = lesser(start + size, addresses.count);
      const part = { first: addresses.at(start), last: addresses.at(end - 1n) };
      const free = taken.firstFree(usable, part.first);
      if (free === undefined || free > part.last) continue;
      const isLeft = (): boolean => !isLast && lost !== undefined && lost.within(part).length > 0;
      for (let position = reached.get(start) ?? 0n; position < size && !isLeft(); position++) {
        reached.set(start, position + 1n);
        const rank = start + inside.at(position);
        if (rank >= end) continue;
        const value = addresses.at(rank);
        if (!taken.has(value) && !later.has(value)) yield value;
      }
    }
  }
  yield* cooled(usable, { taken, cooling: later });
}

function partSize(addresses: bigint): bigint {
  return lesser((addresses + MOST_PARTS - 1n) / MOST_PARTS, LARGEST_PART);
}

/** Math.min() takes no bigint. */
function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** A permutation of the numbers below `count`: from a hashed start by a hashed stride, which has no factor in common with it. */
function createWalk(count: bigint, seed: string): RankIndex {
  const digest = createHash('sha256').update(seed).digest('hex');
  const start = count === 0n ? 0n : BigInt(`0x${digest.slice(0, 32)}`) % count;
  let stride = count <= 1n ? 0n : 1n + (BigInt(`0x${digest.slice(32)}`) % (count - 1n));
  while (count > 1n && greatestCommonDivisor(stride, count) !== 1n) stride = (stride % (count - 1n)) + 1n;
  return { count, at: step => (start + step * stride) % count };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}
