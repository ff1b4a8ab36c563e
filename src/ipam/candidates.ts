import { createHash } from 'node:crypto';
import { has, type IntervalSet, indexByRank, type RankIndex, subtract } from '#ip';
import type { Pool } from './claim-store.ts';

/** What is known about a pool's addresses right now; both may be incomplete, since creating the object decides. */
export interface PoolKnowledge {
  /** Held by somebody. Looked at again for every address, so it may grow meanwhile. */
  readonly taken: ReadonlySet<bigint>;
  /** Released lately, least recently first: others may still have them in their neighbour tables. */
  readonly cooling: ReadonlySet<bigint>;
}

/** After so many taken addresses in a row the pool is nearly full: looking for gaps is cheaper than going on. */
const PATIENCE = 64;

/**
 * Addresses to try, best first: each usable one that is not taken exactly once, those that cool down last.
 *
 * The order depends only on pool and owner, so that two racers for one attachment meet on one name, and differs between
 * owners in start and stride, so that racers for different attachments spread. Lazy: a /8 or a /64 costs nothing.
 */
export function* candidates(
  pool: Pick<Pool, 'scope' | 'ref' | 'usable'>,
  ownerKey: string,
  { taken, cooling }: PoolKnowledge,
): Generator<bigint, void> {
  const seed = `${pool.scope} ${pool.ref.dialect} ${pool.ref.kind} ${pool.ref.name} ${ownerKey}`;
  const later = new Set([...cooling].filter(value => has(pool.usable, value)));
  const walk = createWalk(indexByRank(pool.usable), seed);
  let misses = 0;
  let steps = 0n;
  while (steps < walk.count && misses < PATIENCE) {
    const value = walk.at(steps++);
    const isSkipped = taken.has(value) || later.has(value);
    misses = isSkipped ? misses + 1 : 0;
    if (!isSkipped) yield value;
  }
  if (steps < walk.count) {
    const done = [...taken, ...later];
    for (let step = 0n; step < steps; step++) done.push(walk.at(step));
    yield* gaps(
      subtract(
        pool.usable,
        done.map(value => ({ first: value, last: value })),
      ),
      seed,
      taken,
    );
  }
  for (const value of later) if (!taken.has(value)) yield value;
}

function* gaps(free: IntervalSet, seed: string, taken: ReadonlySet<bigint>): Generator<bigint, void> {
  const walk = createWalk(indexByRank(free), seed);
  for (let step = 0n; step < walk.count; step++) {
    const value = walk.at(step);
    if (!taken.has(value)) yield value;
  }
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
