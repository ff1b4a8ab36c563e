import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextImmediate } from 'node:timers/promises';
import { createLoopShare } from './loop-share.ts';

test('take() gives a turn that is free at once, and again to who has it', async () => {
  const share = createLoopShare();
  const owner = {};
  const seen: string[] = [];
  setImmediate(() => seen.push('loop went on'));
  await share.take(owner);
  await share.take(owner);
  assert.deepEqual(seen, []);
  await nextImmediate();
});

test('take() gives owners turns apart, in order of asking, with the rest of the loop between', async () => {
  const share = createLoopShare();
  let polls = 0;
  const count = (): void => {
    polls++;
    if (!isDone) setImmediate(count);
  };
  let isDone = false;
  setImmediate(count);
  const order: [name: string, poll: number][] = [];
  await Promise.all(
    ['a', 'b', 'c', 'd'].map(async name => {
      await share.take({});
      order.push([name, polls]);
    }),
  );
  isDone = true;
  assert.deepEqual(
    order.map(([name]) => name),
    ['a', 'b', 'c', 'd'],
  );
  // One immediate runs a turn: no two owners may have seen the same count.
  assert.equal(new Set(order.map(([, poll]) => poll)).size, 4);
});

test('take() gives a new owner a turn after the last one is over', async () => {
  const share = createLoopShare();
  await share.take({});
  await nextImmediate();
  await nextImmediate();
  await nextImmediate();
  let isGiven = false;
  void share.take({}).then(() => {
    isGiven = true;
  });
  await Promise.resolve();
  assert.ok(isGiven);
});
