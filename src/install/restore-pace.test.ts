import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRestorePace } from './restore-pace.ts';

test('createRestorePace() restores at once, then ever later, and at once again after a time of peace', () => {
  const pace = createRestorePace();
  const waits: number[] = [];
  let now = 5;
  for (let time = 0; time < 12; time++) {
    const wait = pace.next(now);
    waits.push(wait);
    now += wait;
    pace.restored(now);
  }
  assert.deepEqual(waits.slice(0, 5), [0, 1000, 2000, 4000, 8000]);
  assert.equal(waits.at(-1), 300_000);
  assert.equal(pace.next(now + 299_999), 1);
  assert.equal(pace.next(now + 600_000), 0);
});
