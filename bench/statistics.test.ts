import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, percentile } from './statistics.ts';

test('median() is the middle of an odd number, between the two of an even one', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});

test('percentile() is exact at both ends and in proportion between', () => {
  const values = [10, 20, 30, 40, 50];
  assert.deepEqual([percentile(values, 0), percentile(values, 90), percentile(values, 100)], [10, 46, 50]);
});
