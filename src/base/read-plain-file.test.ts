import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readPlainFileSync } from './read-plain-file.ts';
import { putFile, setEachFolder } from './testing.ts';

let dir: string;
setEachFolder(path => {
  dir = path;
});

test('readPlainFileSync() reads a file up to its limit, in bytes', () => {
  const path = putFile(dir, 'a', 'ä');
  assert.equal(readPlainFileSync(path, 2), 'ä');
  assert.throws(() => readPlainFileSync(path, 1), {
    name: 'RangeError',
    message: 'it has 2 bytes, expected at most 1',
  });
});

test('readPlainFileSync() opens nothing that may never end', () => {
  for (const path of [dir, '/dev/zero']) {
    assert.throws(() => readPlainFileSync(path, 10), { name: 'TypeError', message: 'it is no plain file' });
  }
});

test('readPlainFileSync() of what is not there says so as the file system does', () => {
  assert.throws(() => readPlainFileSync(join(dir, 'none'), 10), { code: 'ENOENT' });
});
