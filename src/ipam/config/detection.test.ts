import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectionOf, detectionProblems } from './detection.ts';

const saying = (text: string) => ({ name: 'lan', annotations: { 'underlane.io/detect': text } });
const read = (text: string) => detectionOf(saying(text), 'pool "lan"').detect;

test('detectionOf() reads each question, both and none, and says nothing without annotation', () => {
  assert.deepEqual(read('conflict'), { conflict: true, gateway: false });
  assert.deepEqual(read(' gateway , conflict'), { conflict: true, gateway: true });
  assert.deepEqual(read('gateway'), { conflict: false, gateway: true });
  assert.deepEqual(read('none'), { conflict: false, gateway: false });
  assert.deepEqual(detectionOf({ name: 'lan' }, 'pool "lan"'), {});
});

test('detectionOf() and detectionProblems() refuse what means nothing', () => {
  const expected = 'expected "conflict", "gateway", "conflict,gateway" or "none"';
  for (const text of ['', 'yes', 'conflict;gateway', 'none,gateway', 'conflict,']) {
    assert.throws(() => read(text), {
      code: 'BAD_CONFIG',
      message: `Cannot use ipam of pool "lan": underlane.io/detect is ${JSON.stringify(text)}, ${expected}`,
    });
    assert.deepEqual(detectionProblems(saying(text)), [
      {
        path: ['metadata', 'annotations', 'underlane.io/detect'],
        message: `metadata.annotations[underlane.io/detect] is ${JSON.stringify(text)}, ${expected}`,
      },
    ]);
  }
  assert.deepEqual(detectionProblems(saying('gateway')), []);
  assert.deepEqual(detectionProblems({ name: 'lan' }), []);
});
