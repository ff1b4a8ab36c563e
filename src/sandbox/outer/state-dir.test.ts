import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { createStateDir, listSandboxes, removeStaleStateDirs, writeRecord } from './state-dir.ts';

const before = process.env['TMPDIR'];
let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'state-dir-test-'));
  process.env['TMPDIR'] = dir;
});

afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(dir, { recursive: true });
});

test('createStateDir() makes a folder that only its owner may enter, and lists it', () => {
  const record = createStateDir();
  assert.equal(statSync(record.dir).mode & 0o777, 0o700);
  assert.deepEqual(listSandboxes(), [record]);
});

test('removeStaleStateDirs() removes what a dead supervisor left and nothing else', () => {
  const alive = createStateDir();
  const dead = createStateDir();
  writeRecord({ ...dead, supervisor: { pid: process.pid, startTicks: '1' } });
  const starting = join(dir, 'underlane-sandbox-starting');
  const forgotten = join(dir, 'underlane-sandbox-forgotten');
  const foreign = join(dir, 'something-else');
  for (const made of [starting, forgotten, foreign]) mkdirSync(made);
  utimesSync(forgotten, new Date(0), new Date(0));

  removeStaleStateDirs();

  assert.deepEqual([alive.dir, dead.dir, starting, forgotten, foreign].map(existsSync), [
    true,
    false,
    true,
    false,
    true,
  ]);
  assert.deepEqual(listSandboxes(), [alive]);
});
