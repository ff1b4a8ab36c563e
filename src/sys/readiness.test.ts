import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { watchReadable } from './readiness.ts';

/** A named pipe opened for both directions: reading it never sees an end of file. */
function withPipe(use: (fd: number) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'underlane-readiness-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  return use(fd).finally(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
}

test('watchReadable() calls for each new write and promises run on from there', () =>
  withPipe(async fd => {
    for (let round = 0; round < 3; round++) {
      let watch: ReturnType<typeof watchReadable> | undefined;
      const keepAlive = setTimeout(() => assert.fail('no readiness within 5 s'), 5_000);
      const readable = new Promise<string>(resolve => {
        watch = watchReadable(fd, () => {
          const bytes = Buffer.alloc(16);
          watch?.close();
          resolve(bytes.toString('latin1', 0, readSync(fd, bytes)));
        });
      });
      writeSync(fd, `round ${round}`);
      assert.equal(await readable, `round ${round}`);
      clearTimeout(keepAlive);
      watch?.close();
    }
  }));

test('close() right after readiness was seen lets no call through', () =>
  withPipe(async fd => {
    let calls = 0;
    const watch = watchReadable(fd, () => {
      calls++;
    });
    writeSync(fd, 'x');
    watch.close();
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)));
    assert.equal(calls, 0);
  }));
