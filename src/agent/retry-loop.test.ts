import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Clock, type Log, silentLog } from '#base';
import { createRetryLoop, type RetryLoop, type RetryTask } from './retry-loop.ts';

/** A clock that goes on only when told to. */
function createTestClock(): Clock & { advance(ms: number): Promise<void> } {
  let now = 0;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { until: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await turn();
        const [next] = [...sleepers].filter(({ until }) => until <= end).sort((a, b) => a.until - b.until);
        if (next === undefined) break;
        now = next.until;
        sleepers.delete(next);
        next.wake();
      }
      now = end;
    },
  };
}

interface Scene {
  readonly clock: ReturnType<typeof createTestClock>;
  readonly loop: RetryLoop;
  readonly stop: AbortController;
  readonly lines: { readonly level: string; readonly fields: Readonly<Record<string, unknown>> }[];
  /** A task that fails until `isHealed`. */
  readonly task: RetryTask;
  tries: number;
  isHealed: boolean;
}

function createScene(): Scene {
  const clock = createTestClock();
  const stop = new AbortController();
  const lines: Scene['lines'] = [];
  const log: Log = {
    ...silentLog,
    info: fields => lines.push({ level: 'info', fields }),
    error: fields => lines.push({ level: 'error', fields }),
  };
  const scene: Scene = {
    clock,
    stop,
    lines,
    loop: createRetryLoop(clock, log, stop.signal),
    task: {
      id: 'a',
      kind: 'thing',
      cure: 'heal it',
      async run() {
        scene.tries++;
        if (!scene.isHealed) throw new Error('still ill');
      },
    },
    tries: 0,
    isHealed: false,
  };
  return scene;
}

const MINUTE = 60_000;

test('createRetryLoop() tries again until the cause heals, and says so', async () => {
  const scene = createScene();
  const { loop, clock, task, lines } = scene;
  loop.add(task, new Error('ill'));
  await clock.advance(MINUTE);
  assert.ok(scene.tries >= 5, `${scene.tries}`);
  assert.equal(loop.count('thing'), 1);
  scene.isHealed = true;
  await clock.advance(MINUTE);
  assert.equal(loop.count('thing'), 0);
  assert.deepEqual(lines.at(-1), { level: 'info', fields: { thing: 'a', failures: scene.tries } });
  const { tries } = scene;
  await clock.advance(60 * MINUTE);
  assert.equal(scene.tries, tries);
});

test('createRetryLoop() never gives up, but tries and logs ever more rarely, with name, error and cure', async () => {
  const scene = createScene();
  scene.loop.add(scene.task, new Error('ill'));
  await scene.clock.advance(24 * 60 * MINUTE);
  // A pause is at most 5 minutes, of which at most half is taken off.
  assert.ok(scene.tries >= 288 && scene.tries <= 2 * 288 + 10, `${scene.tries}`);
  assert.deepEqual(scene.lines[0]?.fields, { thing: 'a', failures: 1, code: 'UNKNOWN', error: 'ill', cure: 'heal it' });
  assert.deepEqual(
    scene.lines.map(({ fields }) => fields['failures']),
    Array.from({ length: scene.lines.length }, (_, power) => 2 ** power),
  );
  assert.ok(scene.lines.length <= 11, `${scene.lines.length}`);
});

test('wake() brings the next try forward, but lets nobody try all the time', async () => {
  const scene = createScene();
  scene.loop.add(scene.task, new Error('ill'));
  await scene.clock.advance(60 * MINUTE);
  const { tries } = scene;
  scene.loop.wake();
  await scene.clock.advance(38_000);
  assert.ok(scene.tries > tries);
  const before = scene.tries;
  for (let second = 0; second < 600; second++) {
    scene.loop.wake();
    await scene.clock.advance(1_000);
  }
  assert.ok(scene.tries - before <= 600 / 18 + 1, `${scene.tries - before}`);
});

test('add() of a task that is known changes nothing', async () => {
  const scene = createScene();
  const { loop, clock, task, lines } = scene;
  loop.add(task, new Error('ill'));
  loop.add(task, new Error('ill again'));
  assert.deepEqual([loop.count('thing'), loop.count('other'), lines.length], [1, 0, 1]);
  scene.isHealed = true;
  await clock.advance(MINUTE);
  assert.equal(scene.tries, 1);
});

test('createRetryLoop() ends with its signal, without a word', async () => {
  const scene = createScene();
  const { loop, clock, task, lines, stop } = scene;
  loop.add(task, new Error('ill'));
  stop.abort(new Error('over'));
  await clock.advance(MINUTE);
  loop.add({ ...task, id: 'b' }, new Error('ill'));
  assert.deepEqual([scene.tries, lines.length, loop.count('thing')], [0, 1, 0]);
});
