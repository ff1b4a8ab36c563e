import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setEachFolder } from '../base/testing.ts';
import { putProgram, readProgram } from './program.ts';
import { PROGRAM } from './testing.ts';

let dir: string;
setEachFolder(path => {
  dir = path;
});

const path = (): string => join(dir, 'underlane');

suite('putProgram()', () => {
  test('puts it where nothing is, for all to run, and then writes nothing more', async () => {
    assert.equal(await putProgram(PROGRAM, path()), true);
    const { ino, mode } = statSync(path());
    assert.equal(mode & 0o777, 0o755);
    assert.equal(await putProgram(PROGRAM, path()), false);
    assert.equal(statSync(path()).ino, ino);
    assert.deepEqual(readdirSync(dir), ['underlane']);
  });

  test('replaces a program of ours while it runs', async () => {
    copyFileSync('/bin/sleep', path());
    appendFileSync(path(), PROGRAM);
    const running = spawn(path(), ['60'], { stdio: 'ignore' });
    await once(running, 'spawn');
    // What a plain copy meets here.
    assert.throws(() => writeFileSync(path(), 'x'), { code: 'ETXTBSY' });
    assert.equal(await putProgram(PROGRAM, path()), true);
    assert.ok(readFileSync(path()).equals(PROGRAM));
    assert.equal(running.exitCode, null);
    running.kill();
    await once(running, 'exit');
  });

  test("leaves what is somebody else's, also a directory", async () => {
    writeFileSync(path(), 'somebody else');
    await assert.rejects(putProgram(PROGRAM, path()), { code: 'FOREIGN_FILE' });
    assert.equal(readFileSync(path(), 'utf8'), 'somebody else');
    rmSync(path());
    mkdirSync(path());
    await assert.rejects(putProgram(PROGRAM, path()), { code: 'FOREIGN_FILE' });
    assert.deepEqual(readdirSync(dir), ['underlane']);
  });

  test('does not mind what a crash has left', async () => {
    writeFileSync(`${path()}.underlane-tmp`, 'half', { mode: 0o400 });
    await putProgram(PROGRAM, path());
    assert.deepEqual(readdirSync(dir), ['underlane']);
  });
});

suite('readProgram()', () => {
  test('makes the variant in JavaScript find its files from wherever it is put', async () => {
    const dist = join(dir, "a dist's");
    for (const folder of ['bin', 'lib', 'cni']) mkdirSync(join(dist, folder), { recursive: true });
    writeFileSync(join(dist, 'bin', 'node'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
    writeFileSync(join(dist, 'cni', 'underlane'), '#!/bin/sh\nexec "$here/../bin/node"\n');
    await putProgram(readProgram(dist), path());
    // Known as ours the next time.
    await putProgram(PROGRAM, path());
    await putProgram(readProgram(dist), path());
    assert.equal(execFileSync(path(), { encoding: 'utf8' }), `${join(dist, 'lib', 'shim.mjs')} underlane\n`);
  });
  test('names what is missing', () => {
    assert.throws(() => readProgram(dir), { code: 'PROGRAM_MISSING', message: /cni\/underlane/ });
  });
});
