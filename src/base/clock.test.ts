import assert from 'node:assert/strict';
import { test } from 'node:test';
import { steadyClock, systemClock } from './clock.ts';

test('steadyClock.now() does not follow when somebody sets the machine, and begins where the machine is', t => {
  assert.ok(Math.abs(steadyClock.now() - Date.now()) < 60_000);
  const before = steadyClock.now();
  const set = Date.now() + 3_600_000;
  t.mock.method(Date, 'now', () => set);
  assert.equal(systemClock.now(), set);
  assert.ok(steadyClock.now() - before < 60_000);
});
