import type { IntervalSet } from './interval-set.ts';
import { type Interval, intersect } from './range.ts';

/**
 * A set of values that changes one by one, kept as intervals: a million neighbours cost as much as one. Look-ups take
 * O(log n) in the number of intervals, changes too, but for moving what lies behind in an array.
 */
export interface GrowingSet {
  /** Whether it was not there before. */
  add(value: bigint): boolean;
  /** Whether it was there. */
  remove(value: bigint): boolean;
  has(value: bigint): boolean;
  /** The lowest value of `set` from `from` on that is not in here. */
  firstFree(set: IntervalSet, from?: bigint): bigint | undefined;
  /** What of `range` is in here, ascending. */
  within(range: Interval): IntervalSet;
}

/** An empty set. */
export function createGrowingSet(): GrowingSet {
  const intervals: Interval[] = [];

  /** Index of the first interval whose end is not below `value`. */
  function seek(value: bigint): number {
    let low = 0;
    let high = intervals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((intervals[middle]?.last ?? value) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function holding(value: bigint): { readonly index: number; readonly interval: Interval } | undefined {
    const index = seek(value);
    const interval = intervals[index];
    return interval !== undefined && interval.first <= value ? { index, interval } : undefined;
  }

  return {
    add(value) {
      const index = seek(value);
      const next = intervals[index];
      if (next !== undefined && next.first <= value) return false;
      const previous = intervals[index - 1];
      const joinsPrevious = previous?.last === value - 1n;
      const joinsNext = next?.first === value + 1n;
      const first = joinsPrevious ? previous.first : value;
      const last = joinsNext ? next.last : value;
      intervals.splice(joinsPrevious ? index - 1 : index, Number(joinsPrevious) + Number(joinsNext), { first, last });
      return true;
    },
    remove(value) {
      const held = holding(value);
      if (held === undefined) return false;
      const { index, interval } = held;
      const left = interval.first < value ? [{ first: interval.first, last: value - 1n }] : [];
      const right = interval.last > value ? [{ first: value + 1n, last: interval.last }] : [];
      intervals.splice(index, 1, ...left, ...right);
      return true;
    },
    has: value => holding(value) !== undefined,
    firstFree(set, from) {
      for (const { first, last } of set) {
        if (from !== undefined && last < from) continue;
        const start = from !== undefined && from > first ? from : first;
        let value = start;
        for (let index = seek(value); value <= last; index++) {
          const interval = intervals[index];
          if (interval === undefined || interval.first > value) return value;
          value = interval.last + 1n;
        }
      }
      return undefined;
    },
    within({ first, last }) {
      const found: Interval[] = [];
      for (let index = seek(first); ; index++) {
        const interval = intervals[index];
        const common = interval === undefined ? undefined : intersect({ first, last }, interval);
        if (common === undefined) return found;
        found.push(common);
      }
    },
  };
}
