import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type Clock, systemClock } from './clock.ts';
import { watchPath } from './watch-path.ts';

/** Never looks by itself: what is seen is seen by events. */
const stopped: Clock = {
  now: () => 0,
  sleep: (_, signal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true })),
};

/** Runs one step after another; each must be noticed before the next. */
async function eachIsNoticed(path: (dir: string) => string, steps: readonly ((dir: string) => void)[]): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-watch-'));
  const ending = new AbortController();
  let noticed: () => void = () => undefined;
  try {
    watchPath(path(dir), () => noticed(), stopped, ending.signal);
    for (const [index, step] of steps.entries()) {
      const seen = new Promise<boolean>(resolve => {
        noticed = () => resolve(true);
      });
      step(dir);
      const late = systemClock.sleep(20_000, ending.signal).then(
        () => false,
        () => false,
      );
      assert.ok(await Promise.race([seen, late]), `step ${index} was not noticed`);
      // What else the kernel tells of this step must not count for the next.
      await systemClock.sleep(20);
    }
  } finally {
    ending.abort();
    rmSync(dir, { recursive: true, force: true });
  }
}

const write =
  (name: string, text = 'x') =>
  (dir: string): void =>
    writeFileSync(join(dir, name), text);
const make =
  (name: string) =>
  (dir: string): void => {
    mkdirSync(join(dir, name), { recursive: true });
  };
const remove =
  (name: string) =>
  (dir: string): void =>
    rmSync(join(dir, name), { recursive: true });
const move =
  (from: string, to: string) =>
  (dir: string): void =>
    renameSync(join(dir, from), join(dir, to));

suite('watchPath()', { concurrency: 4, timeout: 60_000 }, () => {
  test('notices files of a directory that appear, change, are renamed over and go', async () => {
    await eachIsNoticed(
      dir => dir,
      [write('a'), write('a', 'y'), write('b'), move('b', 'a'), move('a', 'c'), remove('c')],
    );
  });
  test('notices a path whose directories come later', async () => {
    await eachIsNoticed(
      dir => join(dir, 'a', 'b', 'c'),
      [make('a'), make('a/b'), write('a/b/c'), remove('a/b/c'), write('a/b/c')],
    );
  });
  test('notices what happens in a directory that was removed and made again', async () => {
    await eachIsNoticed(
      dir => join(dir, 'a'),
      [make('a'), write('a/x'), remove('a'), make('a'), write('a/x'), write('a/y')],
    );
  });
  test('notices what happens in a directory that took the place of another', async () => {
    await eachIsNoticed(
      dir => join(dir, 'a'),
      [
        make('a'),
        dir => {
          make('b')(dir);
          move('a', 'old')(dir);
          move('b', 'a')(dir);
        },
        write('a/x'),
        write('a/y'),
      ],
    );
  });
  test('does not mind that the directory above goes away', async () => {
    await eachIsNoticed(
      dir => join(dir, 'a', 'b'),
      [make('a/b'), write('a/b/x'), remove('a'), make('a/b'), write('a/b/x')],
    );
  });
});
