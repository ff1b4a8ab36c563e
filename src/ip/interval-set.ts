import { IpError } from './errors.ts';
import type { Interval } from './range.ts';

/** Disjoint intervals in ascending order with a gap between neighbours: one set has exactly one such form. */
export type IntervalSet = readonly Interval[];

/** The set that any list of intervals covers. Intervals whose ends are swapped cover nothing. */
export function normalise(intervals: readonly Interval[]): IntervalSet {
  const sorted = intervals.filter(({ first, last }) => first <= last).sort((a, b) => compare(a.first, b.first));
  const merged: Interval[] = [];
  for (const interval of sorted) {
    const previous = merged.at(-1);
    if (previous === undefined || interval.first > previous.last + 1n) {
      merged.push({ first: interval.first, last: interval.last });
    } else if (interval.last > previous.last) {
      merged[merged.length - 1] = { first: previous.first, last: interval.last };
    }
  }
  return merged;
}

/** Takes away what `removed` covers. O(n log n) in the number of intervals, whatever their size. */
export function subtract(set: readonly Interval[], removed: readonly Interval[]): IntervalSet {
  const holes = normalise(removed);
  const left: Interval[] = [];
  let next = 0;
  for (const interval of normalise(set)) {
    let { first } = interval;
    while ((holes[next]?.last ?? first) < first) next++;
    for (let index = next; first <= interval.last; index++) {
      const hole = holes[index];
      if (hole === undefined || hole.first > interval.last) {
        left.push({ first, last: interval.last });
        break;
      }
      if (hole.first > first) left.push({ first, last: hole.first - 1n });
      if (hole.last >= first) first = hole.last + 1n;
    }
  }
  return left;
}

/** What both cover. */
export function intersection(a: readonly Interval[], b: readonly Interval[]): IntervalSet {
  return subtract(a, subtract(a, b));
}

/** How many addresses the set holds. */
export function count(set: IntervalSet): bigint {
  return set.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
}

/** Whether the set holds a value. O(log n). */
export function has(set: IntervalSet, value: bigint): boolean {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const interval = set[middle];
    if (interval === undefined) return false;
    if (value < interval.first) high = middle;
    else if (value > interval.last) low = middle + 1;
    else return true;
  }
  return false;
}

/** Finds the set's values by their rank: `at(0n)` is the lowest. */
export interface RankIndex {
  readonly count: bigint;
  /** O(log n). @throws IpError OUT_OF_RANGE */
  at(rank: bigint): bigint;
}

/** Prepares a set for many look-ups by rank: O(n) once. */
export function indexByRank(set: IntervalSet): RankIndex {
  const ranks: bigint[] = [];
  let total = 0n;
  for (const { first, last } of set) {
    ranks.push(total);
    total += last - first + 1n;
  }
  return {
    count: total,
    at(rank) {
      if (rank < 0n || rank >= total) {
        throw new IpError('OUT_OF_RANGE', `Cannot take address ${rank} of a set: expected 0 to ${total - 1n}`);
      }
      let low = 0;
      let high = ranks.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >>> 1;
        if ((ranks[middle] ?? total) <= rank) low = middle;
        else high = middle - 1;
      }
      return (set[low]?.first ?? 0n) + rank - (ranks[low] ?? 0n);
    },
  };
}

/** The value of a rank: `at(set, 0n)` is the lowest. For many look-ups: {@link indexByRank}. @throws IpError OUT_OF_RANGE */
export function at(set: IntervalSet, rank: bigint): bigint {
  return indexByRank(set).at(rank);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
