import { count, type IntervalSet, normalise, subtract } from '#ip';

/**
 * So many addresses of a pool: those that it has, then the lowest that are free. What is too much goes from the top, except
 * what somebody holds.
 */
export function chooseAddresses(
  wanted: number,
  {
    own,
    held,
    free,
  }: { readonly own: IntervalSet; readonly held: () => IntervalSet; readonly free: () => IntervalSet },
): IntervalSet {
  const [has, needed] = [count(own), BigInt(wanted)];
  if (has === needed) return own;
  if (has < needed) return normalise([...own, ...lowest(free(), needed - has)]);
  const kept = held();
  const spare = needed > count(kept) ? needed - count(kept) : 0n;
  return normalise([...kept, ...lowest(subtract(own, kept), spare)]);
}

/** The first so many of a set. */
function lowest(set: IntervalSet, number: bigint): IntervalSet {
  const chosen = [];
  let left = number;
  for (const { first, last } of set) {
    if (left <= 0n) break;
    const end = last - first + 1n > left ? first + left - 1n : last;
    chosen.push({ first, last: end });
    left -= end - first + 1n;
  }
  return chosen;
}
