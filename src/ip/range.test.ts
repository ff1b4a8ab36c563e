import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIp } from './ip.ts';
import { parsePrefix } from './prefix.ts';
import { formatRange, intersect, rangeBetween, rangeOf } from './range.ts';

const between = (first: string, last: string) => rangeBetween(parseIp(first), parseIp(last));

test('formatRange() prints both ends of rangeBetween()', () => {
  for (const [first, last] of [
    ['10.0.0.5', '10.0.0.9'],
    ['10.0.0.5', '10.0.0.5'],
    ['fd00::1', 'fd00::ff'],
  ] as const) {
    assert.equal(formatRange(between(first, last)), `${first}-${last}`);
  }
});

test('rangeBetween() refuses backwards and mixed ranges', () => {
  assert.throws(() => between('10.0.0.9', '10.0.0.5'), { code: 'BAD_RANGE' });
  assert.throws(() => between('10.0.0.1', 'fd00::1'), { code: 'BAD_RANGE' });
});

test('rangeOf() spans the whole network', () => {
  assert.equal(formatRange(rangeOf(parsePrefix('10.0.0.77/30'))), '10.0.0.76-10.0.0.79');
});

test('intersect() keeps what both cover', () => {
  const range = between('10.0.0.5', '10.0.0.9');
  assert.deepEqual(intersect(range, between('10.0.0.8', '10.0.0.20')), between('10.0.0.8', '10.0.0.9'));
  assert.equal(intersect(range, between('10.0.0.10', '10.0.0.20')), undefined);
});
