import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setEachFolder } from '../../base/testing.ts';
import { awaitReadiness, requireReadiness } from './readiness.ts';

let dir: string;
setEachFolder(path => {
  dir = path;
});

const never = new AbortController().signal;
const config = (readinessFile: string) => ({ readinessFile, source: 'the CNI configuration "x"' });

suite('awaitReadiness()', { timeout: 60_000 }, () => {
  test('goes on at once without a file to wait for, and with one that is there', async () => {
    await awaitReadiness({ source: 'x' }, never);
    writeFileSync(join(dir, 'ready'), '');
    await awaitReadiness(config(join(dir, 'ready')), never);
  });
  test('waits for the file, also when its directories come later', async () => {
    const path = join(dir, 'a', 'b', 'ready');
    let isReady = false;
    const waiting = awaitReadiness(config(path), never).then(() => {
      isReady = true;
    });
    await nextTurn();
    mkdirSync(join(dir, 'a'));
    await nextTurn();
    mkdirSync(join(dir, 'a', 'b'));
    writeFileSync(join(dir, 'a', 'b', 'other'), '');
    await nextTurn();
    assert.equal(isReady, false);
    renameSync(join(dir, 'a', 'b', 'other'), path);
    await waiting;
  });
  test('notices the file in a directory that was replaced', async () => {
    mkdirSync(join(dir, 'a'));
    const waiting = awaitReadiness(config(join(dir, 'a', 'ready')), never);
    await nextTurn();
    mkdirSync(join(dir, 'new'));
    rmSync(join(dir, 'a'), { recursive: true });
    renameSync(join(dir, 'new'), join(dir, 'a'));
    await nextTurn();
    writeFileSync(join(dir, 'a', 'ready'), '');
    await waiting;
  });
  test('gives up after its limit, naming the file', async () => {
    await assert.rejects(awaitReadiness(config(join(dir, 'ready')), never, 10), {
      code: 'NETWORK_NOT_READY',
      retriable: true,
      message: `Cannot use the CNI configuration "x": readinessindicatorfile "${join(dir, 'ready')}" is not there after 0.01 s, expected the default network to make it`,
    });
  });
  test("ends with its caller's reason", async () => {
    const caller = new AbortController();
    const waiting = awaitReadiness(config(join(dir, 'ready')), caller.signal);
    caller.abort(new Error('gone'));
    await assert.rejects(waiting, { message: 'gone' });
  });
});

test('requireReadiness() waits for nothing', () => {
  requireReadiness({ source: 'x' });
  assert.throws(() => requireReadiness(config(join(dir, 'ready'))), { code: 'NETWORK_NOT_READY' });
});
