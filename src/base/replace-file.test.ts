import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { replaceFile, replaceFileSync, syncFolder, syncFolderSync } from './replace-file.ts';
import { setEachFolder } from './testing.ts';

let dir: string;
setEachFolder(path => {
  dir = path;
});

const ways: readonly (readonly [name: string, write: (path: string, text: string) => Promise<void>])[] = [
  ['replaceFile()', replaceFile],
  ['replaceFileSync()', async (path, text) => replaceFileSync(path, text, true)],
];
for (const [name, write] of ways) {
  test(`${name} makes a file and replaces it, for its owner alone, and leaves nothing beside it`, async () => {
    const path = join(dir, 'a');
    for (const text of ['a long first text', 'second']) {
      await write(path, text);
      assert.equal(readFileSync(path, 'utf8'), text);
    }
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(dir), ['a']);
  });

  test(`${name} that cannot leaves what was there, and nothing beside it`, async () => {
    mkdirSync(join(dir, 'a'));
    await assert.rejects(write(join(dir, 'a'), 'text'), { code: 'EISDIR' });
    await assert.rejects(write(join(dir, 'none', 'b'), 'text'), { code: 'ENOENT' });
    assert.deepEqual(readdirSync(dir), ['a']);
  });
}

test('syncFolder() and syncFolderSync() say when there is no folder', async () => {
  await syncFolder(dir);
  syncFolderSync(dir);
  await assert.rejects(syncFolder(join(dir, 'none')), { code: 'ENOENT' });
  assert.throws(() => syncFolderSync(join(dir, 'none')), { code: 'ENOENT' });
});
