import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from './errors.ts';
import { createFirstList } from './first-list.ts';

const forbidden = new ApiError('Forbidden', 'Cannot list pods: no', { httpStatus: 403 });
const away = new ApiError('Unreachable', 'Cannot list pods: nobody there');

test('createFirstList() tells a refusal to those who wait for an answer, and to those who come until the next attempt', async () => {
  const list = createFirstList();
  const waiting = list.answered();
  list.fail(forbidden);
  await assert.rejects(waiting, forbidden);
  await assert.rejects(list.answered(), forbidden);
  list.fail(away);
  const next = list.answered();
  const patient = list.ready();
  list.done();
  await Promise.all([next, patient, list.answered(), list.ready()]);
});

test('createFirstList() takes no refusal after it was done for a reason to wait', async () => {
  const list = createFirstList();
  list.done();
  list.fail(forbidden);
  await list.answered();
  assert.ok(list.isDone);
});

test('createFirstList() ends a wait with the reason of the first signal that aborts', async () => {
  const list = createFirstList();
  const ending = new AbortController();
  const waits = [list.ready(undefined, ending.signal), list.answered(ending.signal)];
  ending.abort(new Error('over'));
  for (const wait of waits) await assert.rejects(wait, { message: 'over' });
  await assert.rejects(list.ready(ending.signal), { message: 'over' });
});
