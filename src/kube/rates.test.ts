import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoffMs } from './backoff.ts';
import { createTokenBuckets } from './token-bucket.ts';

test('backoffMs doubles, is cut at 10 s and jitters downwards by at most half', () => {
  assert.deepEqual(
    [1, 2, 3, 4].map(failures => backoffMs(failures, 0)),
    [200, 400, 800, 1600],
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, random) => {
        const full = backoffMs(failures, 0);
        const pause = backoffMs(failures, random);
        return full >= 200 && full <= 10_000 && pause <= full && pause >= full / 2;
      },
    ),
  );
});

test('take() never lets more through than the burst plus one for each refill time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 50 }), { maxLength: 200 }), pauses => {
      const buckets = createTokenBuckets({ burst: 3, refillMs: 100, keyLimit: 10 });
      let now = 0;
      let taken = 0;
      for (const pause of pauses) {
        now += pause;
        if (buckets.take('key', now)) taken++;
      }
      return taken <= 3 + now / 100 + 1e-6;
    }),
  );
});

test('take() counts each key on its own, and a clock that goes back gives nothing', () => {
  const buckets = createTokenBuckets({ burst: 1, refillMs: 100, keyLimit: 10 });
  assert.deepEqual(
    [buckets.take('a', 1000), buckets.take('b', 1000), buckets.take('a', 0), buckets.take('a', 100)],
    [true, true, false, true],
  );
});

test('take() forgets the keys unused for longest', () => {
  const buckets = createTokenBuckets({ burst: 1, refillMs: 1e9, keyLimit: 2 });
  for (const key of ['a', 'b', 'c']) assert.equal(buckets.take(key, 0), true);
  assert.deepEqual([buckets.take('c', 0), buckets.take('a', 0)], [false, true]);
});
