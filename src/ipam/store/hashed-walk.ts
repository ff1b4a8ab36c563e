import { createHash } from 'node:crypto';
import type { RankIndex } from '#ip';

/** A permutation of the numbers below `count`: from a hashed start by a hashed stride, which has no factor in common with it. */
export function createWalk(count: bigint, seed: string): RankIndex {
  const digest = createHash('sha256').update(seed).digest('hex');
  const start = count === 0n ? 0n : BigInt(`0x${digest.slice(0, 32)}`) % count;
  let stride = count <= 1n ? 0n : 1n + (BigInt(`0x${digest.slice(32)}`) % (count - 1n));
  while (count > 1n && greatestCommonDivisor(stride, count) !== 1n) stride = (stride % (count - 1n)) + 1n;
  return { count, at: step => (start + step * stride) % count };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}
