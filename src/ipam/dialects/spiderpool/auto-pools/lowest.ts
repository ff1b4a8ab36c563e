import type { Interval, IntervalSet } from '#ip';

/** The first so many of a set, and where the rest begins: sets of 100,000 intervals are taken from again and again. */
export function lowest(
  set: IntervalSet,
  number: bigint,
  from: SetPosition = { index: 0, past: 0n },
): { readonly taken: IntervalSet; readonly rest: SetPosition } {
  const taken: Interval[] = [];
  let { index, past } = from;
  for (let left = number; left > 0n; ) {
    const interval = set[index];
    if (interval === undefined) break;
    const first = interval.first + past;
    const size = interval.last - first + 1n;
    const last = size > left ? first + left - 1n : interval.last;
    taken.push({ first, last });
    left -= last - first + 1n;
    if (last < interval.last) past += last - first + 1n;
    else [index, past] = [index + 1, 0n];
  }
  return { taken, rest: { index, past } };
}

/** An interval, and how many of its values are behind. */
export interface SetPosition {
  readonly index: number;
  readonly past: bigint;
}
