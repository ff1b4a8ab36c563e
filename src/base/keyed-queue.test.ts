import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeyedQueue } from './keyed-queue.ts';

function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

test('run() keeps tasks of one key in order and runs other keys beside them', async () => {
  const queue = createKeyedQueue(4);
  const events: string[] = [];
  const first = gate();
  const a1 = queue.run('a', async () => {
    events.push('a1');
    await first.opened;
    events.push('a1 done');
  });
  const a2 = queue.run('a', async () => void events.push('a2'));
  const b = queue.run('b', async () => void events.push('b'));
  await b;
  first.open();
  await Promise.all([a1, a2]);
  assert.deepEqual(events, ['a1', 'b', 'a1 done', 'a2']);
});

test('run() never exceeds the limit and fills a free place at once', async () => {
  const queue = createKeyedQueue(2);
  let peak = 0;
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      queue.run(String(index), async () => {
        peak = Math.max(peak, queue.running);
        await Promise.resolve();
      }),
    ),
  );
  assert.equal(peak, 2);
  assert.equal(queue.running, 0);
});

test('run() passes a failure on and goes on with the key', async () => {
  const queue = createKeyedQueue(1);
  await assert.rejects(
    queue.run('a', () => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(await queue.run('a', async () => 7), 7);
});

test('run() never starts a task that was aborted while it waited', async () => {
  const queue = createKeyedQueue(1);
  const first = gate();
  const running = queue.run('a', () => first.opened);
  const abort = new AbortController();
  let hasRun = false;
  const waiting = queue.run(
    'a',
    async () => {
      hasRun = true;
    },
    abort.signal,
  );
  abort.abort(new Error('gave up'));
  await assert.rejects(waiting, /gave up/);
  first.open();
  await running;
  assert.equal(hasRun, false);
  assert.equal(queue.waiting, 0);
});
