import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePrefix } from './prefix.ts';
import { formatRange, intersect, parseRange, rangeOf } from './range.ts';

test('parseRange() reads both ends, and formatRange() prints them', () => {
  for (const text of ['10.0.0.5-10.0.0.9', '10.0.0.5-10.0.0.5', 'fd00::1-fd00::ff']) {
    assert.equal(formatRange(parseRange(text)), text);
  }
});

test('parseRange() refuses backwards, mixed and unfinished ranges', () => {
  for (const text of ['10.0.0.9-10.0.0.5', '10.0.0.1-fd00::1', '10.0.0.1', '10.0.0.1-10.0.0.2-10.0.0.3']) {
    assert.throws(() => parseRange(text), { code: 'BAD_RANGE' }, text);
  }
  assert.throws(() => parseRange('10.0.0.1-'), { code: 'BAD_IP' });
});

test('rangeOf() spans the whole network', () => {
  assert.equal(formatRange(rangeOf(parsePrefix('10.0.0.77/30'))), '10.0.0.76-10.0.0.79');
});

test('intersect() keeps what both cover', () => {
  const range = parseRange('10.0.0.5-10.0.0.9');
  assert.deepEqual(intersect(range, parseRange('10.0.0.8-10.0.0.20')), parseRange('10.0.0.8-10.0.0.9'));
  assert.equal(intersect(range, parseRange('10.0.0.10-10.0.0.20')), undefined);
});
