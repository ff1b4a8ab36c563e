import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastDue, parseSchedule } from './cron-schedule.ts';

const at = (text: string): Date => new Date(`${text}Z`);

/** Schedule, a minute, whether it is due. 2026-03-01 is a Sunday. */
const CASES: readonly (readonly [string, string, boolean])[] = [
  ['* * * * *', '2026-03-01T04:05:00', true],
  ['*/15 * * * *', '2026-03-01T04:45:00', true],
  ['*/15 * * * *', '2026-03-01T04:46:00', false],
  ['5/20 * * * *', '2026-03-01T04:45:00', true],
  ['0 9-17/4 * * *', '2026-03-01T13:00:00', true],
  ['0 9-17/4 * * *', '2026-03-01T14:00:00', false],
  ['30 4 1,15 * *', '2026-03-15T04:30:00', true],
  ['0 0 * mar sun', '2026-03-01T00:00:00', true],
  ['0 0 * * 7', '2026-03-01T00:00:00', true],
  ['0 0 * * 1-5', '2026-03-01T00:00:00', false],
  // Either of the two days.
  ['0 0 1 * 1', '2026-03-02T00:00:00', true],
  ['0 0 1 * 1', '2026-03-01T00:00:00', true],
  ['0 0 1 * 1', '2026-03-03T00:00:00', false],
  ['@hourly', '2026-03-01T07:00:00', true],
  ['@yearly', '2026-03-01T00:00:00', false],
];

test('parseSchedule() says when a CronJob is due', () => {
  for (const [text, minute, expected] of CASES)
    assert.equal(parseSchedule(text)(at(minute)), expected, `${text} ${minute}`);
});

test('parseSchedule() says which part it cannot read', () => {
  assert.throws(() => parseSchedule('@often'), /schedule is "@often", expected five fields/);
  for (const part of ['60', '5-1', 'x', '*/0', '1-', '']) {
    assert.throws(() => parseSchedule(`${part} * * * *`), /schedule is/, part);
  }
});

test('lastDue() is the last time that was not served, if there was one', () => {
  const isDue = parseSchedule('*/10 * * * *');
  const now = at('2026-03-01T04:25:30');
  assert.deepEqual(lastDue(isDue, at('2026-03-01T01:00:00'), now), at('2026-03-01T04:20:00'));
  assert.equal(lastDue(isDue, at('2026-03-01T04:20:00'), now), undefined);
});
