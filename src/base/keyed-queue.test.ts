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

test('a task that steps aside lets others have its place, and goes on before those who have not begun', async () => {
  const queue = createKeyedQueue(1);
  const [made, busy] = [gate(), gate()];
  const events: string[] = [];
  const waiting = queue.run('a', async aside => {
    await aside(() => made.opened);
    events.push(`a goes on, ${queue.running} running`);
  });
  const same = queue.run('a', async () => void events.push('a again'));
  const other = queue.run('b', async () => {
    events.push('b');
    made.open();
    await busy.opened;
  });
  const later = queue.run('c', async () => void events.push('c'));
  await made.opened;
  assert.deepEqual(events, ['b']);
  busy.open();
  await Promise.all([waiting, same, other, later]);
  assert.deepEqual(events, ['b', 'a goes on, 1 running', 'a again', 'c']);
  assert.deepEqual([queue.running, queue.waiting], [0, 0]);
});

test('a task that waits for several things is aside until it waits for none, and may end while it does', async () => {
  const queue = createKeyedQueue(1);
  const gates = [gate(), gate(), gate()] as const;
  const [first, second, third] = gates;
  const both = queue.run('a', async aside => {
    await Promise.all([aside(() => first.opened), aside(() => second.opened)]);
    return queue.running;
  });
  assert.equal(queue.running, 0);
  first.open();
  await first.opened;
  assert.equal(await queue.run('b', async () => 'free'), 'free');
  second.open();
  assert.equal(await both, 1);
  let left: Promise<void> | undefined;
  await queue.run('c', async aside => {
    left = aside(() => third.opened);
  });
  assert.equal(await queue.run('c', async () => 'next'), 'next');
  third.open();
  await left;
  assert.deepEqual([queue.running, queue.waiting], [0, 0]);
});

test("a failure while aside is the task's", async () => {
  const queue = createKeyedQueue(1);
  await assert.rejects(
    queue.run('a', aside => aside(() => Promise.reject(new Error('no')))),
    /no/,
  );
  assert.deepEqual([queue.running, await queue.run('a', async () => 7)], [0, 7]);
});
