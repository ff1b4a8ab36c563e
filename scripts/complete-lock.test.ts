import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { completeLock, findMissingPackages } from './complete-lock.ts';

test('package-lock.json has an entry for each platform package, so that npm ci takes it everywhere', async () => {
  const lock = JSON.parse(await readFile('package-lock.json', 'utf8'));
  assert.deepEqual(findMissingPackages(lock), []);
});

test('completeLock() adds what is missing with the platform that its name tells', () => {
  const lock = { packages: { '': { optionalDependencies: { '@x/binding-linux-arm64-musl': '1.2.3' } } } };
  assert.deepEqual(completeLock(lock).packages['node_modules/@x/binding-linux-arm64-musl'], {
    version: '1.2.3',
    cpu: ['arm64'],
    dev: true,
    libc: ['musl'],
    optional: true,
    os: ['linux'],
  });
});
