import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '#base';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { buildShimVariants, newShimDir } from './shim-variants.ts';
import { type HostRoot, makeHostRoot } from './testing-host-root.ts';

/** The shim as the launcher of third-party plugins, in a root of its own. */
const { skip } = skipUnlessRing2();

const dir = mkdtempSync(join(tmpdir(), 'underlane-launch-'));
// The variant in JavaScript finds its native library beside its bundle.
symlinkSync(resolve('node_modules'), join(dir, 'node_modules'));
let root: HostRoot;

before(() => {
  if (skip) return;
  root = makeHostRoot();
});
after(() => {
  if (!skip) root[Symbol.dispose]();
  rmSync(dir, { recursive: true });
});

interface Launched {
  readonly exitCode: number | null;
  readonly stdout: string;
}

for (const variant of skip ? [] : buildShimVariants(dir)) {
  describe(`launcher (${variant.name})`, { skip: variant.missing ?? skip }, () => {
    const shim = (): string => join(newShimDir(dir, variant, 'underlane'), 'bin', 'underlane');

    function launch(...args: readonly string[]): Promise<Launched> {
      const env = { CNI_COMMAND: 'ADD', PATH: process.env['PATH'] };
      const child = spawn(shim(), ['--exec', ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
      child.stdin.on('error', () => {}); // who refuses need not read
      child.stdin.end('{"name":"x"}');
      let stdout = '';
      child.stdout.on('data', chunk => {
        stdout += String(chunk);
      });
      return new Promise((done, reject) => {
        child.once('error', reject);
        child.once('close', exitCode => done({ exitCode, stdout }));
      });
    }

    function assertProblem({ exitCode, stdout }: Launched, message: RegExp): void {
      assert.equal(exitCode, 1, stdout);
      const { code, msg } = JSON.parse(stdout) as { readonly code: number; readonly msg: string };
      assert.equal(code, 5);
      assert.match(msg, message);
    }

    test('becomes the program in the root, with environment and stdin, and ends as it does', async () => {
      root.write('/opt/p', '#!/bin/sh\npwd; ls -d /opt/*; echo $CNI_COMMAND $0; cat; exit 7\n');
      const run = await launch(root.path, '--', '/opt/p');
      assert.equal(run.stdout, '/\n/opt/p\nADD /opt/p\n{"name":"x"}');
      assert.equal(run.exitCode, 7);
    });

    test('enters every cgroup first, as files outside of the root name them', async () => {
      const files = [join(dir, 'a'), join(dir, 'b')];
      for (const file of files) writeFileSync(file, '-');
      root.write('/opt/p', '#!/bin/sh\necho here\n');
      assert.deepEqual(await launch(root.path, ...files, '--', '/opt/p'), { exitCode: 0, stdout: 'here\n' });
      for (const file of files) assert.equal(readFileSync(file, 'utf8'), '0');
    });

    test('runs the program although a cgroup cannot be entered, and tells of it where there is no program', async () => {
      root.write('/opt/p', '#!/bin/sh\necho here\n');
      const absent = join(dir, 'absent');
      assert.deepEqual(await launch(root.path, absent, '--', '/opt/p'), { exitCode: 0, stdout: 'here\n' });
      assertProblem(await launch(root.path, absent, '--'), /^Cannot enter the cgroup of ".*absent": .*ENOENT/);
      assert.ok(!existsSync(absent));
    });

    test('says nothing where all can be entered, and what cannot', async () => {
      assert.deepEqual(await launch(root.path, '--'), { exitCode: 0, stdout: '' });
      assertProblem(await launch(join(dir, 'nowhere'), '--', '/opt/p'), /^Cannot enter the node's root ".*": .*ENOENT/);
      assertProblem(await launch(root.path, '--', '/opt/none'), /^Cannot run "\/opt\/none": .*ENOENT/);
    });

    test('waits for a program that is still being written', async () => {
      root.write('/srv/busy', '');
      copyFileSync('/bin/true', join(root.path, 'srv/busy'));
      const fd = openSync(join(root.path, 'srv/busy'), 'r+');
      let isOpen = true;
      const running = launch(root.path, '--', '/srv/busy').finally(() => assert.ok(!isOpen));
      await systemClock.sleep(400);
      isOpen = false;
      closeSync(fd);
      assert.equal((await running).exitCode, 0);
    });
  });
}
