import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { at, count, has, indexByRank, intersection, normalise, subtract } from './interval-set.ts';
import type { Interval } from './range.ts';

/** Small numbers, so that touching, overlapping and empty intervals come up; ends may be swapped. */
const anyIntervals = fc.array(
  fc.record({ first: fc.bigInt({ min: 0n, max: 40n }), last: fc.bigInt({ min: 0n, max: 40n }) }),
  { maxLength: 8 },
);

/** The same set as a list of members. */
function members(intervals: readonly Interval[]): bigint[] {
  const all = new Set<bigint>();
  for (const { first, last } of intervals) for (let value = first; value <= last; value++) all.add(value);
  return [...all].sort((a, b) => Number(a - b));
}

test('normalise() keeps the members and leaves a gap between neighbours', () => {
  fc.assert(
    fc.property(anyIntervals, intervals => {
      const set = normalise(intervals);
      assert.deepEqual(members(set), members(intervals));
      for (const [index, { first }] of set.entries()) {
        const previous = set[index - 1];
        if (previous !== undefined) assert.ok(first > previous.last + 1n);
      }
    }),
  );
});

test('subtract() is the difference of the members', () => {
  fc.assert(
    fc.property(anyIntervals, anyIntervals, (set, removed) => {
      const gone = new Set(members(removed));
      const left = subtract(set, removed);
      assert.deepEqual(
        members(left),
        members(set).filter(value => !gone.has(value)),
      );
      assert.deepEqual(left, normalise(left));
    }),
    { numRuns: 1000 },
  );
});

test('intersection() holds the members of both', () => {
  fc.assert(
    fc.property(anyIntervals, anyIntervals, (a, b) => {
      const inB = new Set(members(b));
      assert.deepEqual(
        members(intersection(a, b)),
        members(a).filter(value => inB.has(value)),
      );
    }),
  );
});

test('count(), has() and at() agree with the members', () => {
  fc.assert(
    fc.property(anyIntervals, intervals => {
      const set = normalise(intervals);
      const all = members(set);
      assert.equal(count(set), BigInt(all.length));
      for (let value = 0n; value <= 41n; value++) assert.equal(has(set, value), all.includes(value));
      const index = indexByRank(set);
      assert.deepEqual(
        all.map((_, rank) => index.at(BigInt(rank))),
        all,
      );
    }),
  );
});

test('at() refuses a rank outside the set', () => {
  const set = normalise([{ first: 5n, last: 6n }]);
  assert.equal(at(set, 1n), 6n);
  assert.throws(() => at(set, 2n), { code: 'OUT_OF_RANGE' });
  assert.throws(() => at(set, -1n), { code: 'OUT_OF_RANGE' });
  assert.throws(() => at([], 0n), { code: 'OUT_OF_RANGE' });
});
