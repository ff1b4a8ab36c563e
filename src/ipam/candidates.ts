import { createHash } from 'node:crypto';
import { count, type GrowingSet, has, type IntervalSet, indexByRank, type RankIndex, subtract } from '#ip';
import type { Pool } from './claim-store.ts';

/** What is known about a pool's addresses right now; both may be incomplete, since creating the object decides. */
export interface PoolKnowledge {
  /** Held by somebody. Looked at again for every address, so it may grow meanwhile. */
  readonly taken: TakenAddresses;
  /** Released lately, least recently first: others may still have them in their neighbour tables. */
  readonly cooling: ReadonlySet<bigint>;
}

export type TakenAddresses = Pick<GrowingSet, 'has' | 'firstFree' | 'within'>;

/** `spread`: each owner begins elsewhere. `unused-first`: ascending, those that cool down last. `lowest`: ascending, whatever was released. */
export type ChoiceOrder = 'spread' | 'unused-first' | 'lowest';

/** After so many taken addresses in a row the pool is nearly full: looking for gaps is cheaper than going on. */
const PATIENCE = 64;

/**
 * Addresses to try, best first: each usable one that is not taken exactly once.
 *
 * The order depends only on pool and owner, so that two racers for one attachment meet on one name. `spread` differs between
 * owners in start and stride, so that racers for different attachments do not meet. Lazy: a /8 or a /64 costs nothing.
 */
export function candidates(
  pool: Pick<Pool, 'scope' | 'ref' | 'usable'>,
  ownerKey: string,
  knowledge: PoolKnowledge,
  order: ChoiceOrder,
): Generator<bigint, void> {
  return order === 'spread' ? spread(pool, ownerKey, knowledge) : ascending(pool.usable, knowledge, order);
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
  ownerKey: string,
  { taken, cooling }: PoolKnowledge,
): Generator<bigint, void> {
  const seed = `${scope} ${ref.dialect} ${ref.kind} ${ref.name} ${ownerKey}`;
  // As it is now: what begins to cool while we choose is offered at the end, once.
  const later = new Set(cooling);
  const walk = createWalk(indexByRank(usable), seed);
  let misses = 0;
  let steps = 0n;
  while (steps < walk.count && misses < PATIENCE) {
    const value = walk.at(steps++);
    const isSkipped = taken.has(value) || later.has(value);
    misses = isSkipped ? misses + 1 : 0;
    if (!isSkipped) yield value;
  }
  if (steps < walk.count) {
    const done = [...later];
    for (let step = 0n; step < steps; step++) done.push(walk.at(step));
    const holes = [
      ...usable.flatMap(interval => taken.within(interval)),
      ...done.map(value => ({ first: value, last: value })),
    ];
    const free = subtract(usable, holes);
    const rest = createWalk(indexByRank(free), seed);
    for (let step = 0n; step < count(free); step++) {
      const value = rest.at(step);
      if (!taken.has(value)) yield value;
    }
  }
  yield* cooled(usable, { taken, cooling: later });
}

/** A permutation of a set: from a hashed start by a hashed stride, which has no factor in common with the set's size. */
function createWalk(index: RankIndex, seed: string): RankIndex {
  const { count } = index;
  const digest = createHash('sha256').update(seed).digest('hex');
  const start = count === 0n ? 0n : BigInt(`0x${digest.slice(0, 32)}`) % count;
  let stride = count <= 1n ? 0n : 1n + (BigInt(`0x${digest.slice(32)}`) % (count - 1n));
  while (count > 1n && greatestCommonDivisor(stride, count) !== 1n) stride = (stride % (count - 1n)) + 1n;
  return { count, at: step => index.at((start + step * stride) % count) };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}
