import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setEachFolder } from '../../base/testing.ts';
import { flatFileSource } from './flat-file-source.ts';

let dir: string;
setEachFolder(path => {
  dir = path;
  mkdirSync(join(dir, 'whereabouts.d'));
});

test('flatFileSource() finds the file of the configuration, else that of the node, else none', () => {
  const own = join(dir, 'own.conf');
  const node = join(dir, 'whereabouts.d', 'whereabouts.conf');
  const find = flatFileSource(dir);
  assert.equal(find(own), undefined);
  writeFileSync(node, '{"a":1}');
  assert.deepEqual(find(own), { path: node, text: '{"a":1}' });
  assert.deepEqual(find(undefined), { path: node, text: '{"a":1}' });
  writeFileSync(own, '{}');
  assert.deepEqual(find(own), { path: own, text: '{}' });
});

test('flatFileSource() refuses what is no file, and one that is too large', () => {
  const find = flatFileSource(dir);
  assert.throws(() => find(dir), { code: 'NETWORK_CONFIG', message: /in file ".+": it is no plain file$/ });
  assert.throws(() => find('/dev/zero'), /it is no plain file$/);
  const large = join(dir, 'large.conf');
  writeFileSync(large, ' '.repeat(65537));
  assert.throws(() => find(large), /it has 65537 bytes, expected at most 65536$/);
});
