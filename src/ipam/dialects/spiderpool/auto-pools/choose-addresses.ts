import { count, type IntervalSet, normalise, subtract } from '#ip';
import { lowest } from './lowest.ts';

/**
 * So many addresses of a pool: those that it has, then free ones. What is too much goes from the top, except what somebody
 * holds.
 */
export function chooseAddresses(
  wanted: number,
  { own, held, takeFree }: { readonly own: IntervalSet; held(): IntervalSet; takeFree(number: bigint): IntervalSet },
): IntervalSet {
  const [has, needed] = [count(own), BigInt(wanted)];
  if (has === needed) return own;
  if (has < needed) return normalise([...own, ...takeFree(needed - has)]);
  const kept = held();
  const spare = needed > count(kept) ? needed - count(kept) : 0n;
  return normalise([...kept, ...lowest(subtract(own, kept), spare).taken]);
}
