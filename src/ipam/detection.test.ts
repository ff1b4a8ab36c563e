import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDetection } from './detection.ts';

const parse = (text: string) => parseDetection(text, 'underlane.io/detect', 'pool "lan"');

test('parseDetection() reads each question, both and none', () => {
  assert.deepEqual(parse('conflict'), { conflict: true, gateway: false });
  assert.deepEqual(parse(' gateway , conflict'), { conflict: true, gateway: true });
  assert.deepEqual(parse('gateway'), { conflict: false, gateway: true });
  assert.deepEqual(parse('none'), { conflict: false, gateway: false });
});

test('parseDetection() refuses what means nothing', () => {
  for (const text of ['', 'yes', 'conflict;gateway', 'none,gateway', 'conflict,']) {
    assert.throws(() => parse(text), {
      code: 'BAD_CONFIG',
      message: `Cannot use ipam of pool "lan": underlane.io/detect is ${JSON.stringify(text)}, expected "conflict", "gateway", "conflict,gateway" or "none"`,
    });
  }
});
