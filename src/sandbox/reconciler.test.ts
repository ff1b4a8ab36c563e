import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base';
import { startReconciler } from './reconciler.ts';

test('trigger() during a run leads to one more run, and never to two at once', async () => {
  const abort = new AbortController();
  const runs: PromiseWithResolvers<void>[] = [];
  let running = 0;
  const started: PromiseWithResolvers<void>[] = [
    Promise.withResolvers(),
    Promise.withResolvers(),
    Promise.withResolvers(),
  ];
  const loop = startReconciler({
    name: 'test',
    log: silentLog,
    signal: abort.signal,
    async reconcile() {
      assert.equal(++running, 1);
      const run = Promise.withResolvers<void>();
      runs.push(run);
      started[runs.length - 1]?.resolve();
      await run.promise;
      running--;
    },
  });
  loop.trigger();
  await started[0]?.promise;
  loop.trigger();
  loop.trigger();
  runs[0]?.resolve();
  await started[1]?.promise;
  runs[1]?.resolve();
  abort.abort();
  await loop.done;
  assert.equal(runs.length, 2);
});

test('a failed run is tried again without another trigger', async () => {
  const abort = new AbortController();
  const second = Promise.withResolvers<void>();
  let runs = 0;
  const loop = startReconciler({
    name: 'test',
    log: silentLog,
    signal: abort.signal,
    async reconcile() {
      if (++runs === 1) throw new Error('first');
      second.resolve();
    },
  });
  loop.trigger();
  await second.promise;
  abort.abort();
  await loop.done;
  assert.equal(runs, 2);
});

test('a loop with a pause rests after a run, whatever is asked meanwhile', async () => {
  const ending = new AbortController();
  let runs = 0;
  const loop = startReconciler({
    name: 'test',
    reconcile: async () => {
      runs++;
    },
    log: silentLog,
    signal: ending.signal,
    pauseMs: 60_000,
  });
  for (let asked = 0; asked < 5; asked++) {
    loop.trigger();
    await new Promise(resolve => setImmediate(resolve));
  }
  ending.abort();
  await loop.done;
  assert.equal(runs, 1);
});
