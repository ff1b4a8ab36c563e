import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadDefaultNetwork, parseConfigList } from './cni-config.ts';

test('loadDefaultNetwork() takes the first configuration in sorted order', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cni-config-test-'));
  try {
    await assert.rejects(loadDefaultNetwork(dir), { code: 'NOT_FOUND' });
    writeFileSync(join(dir, '10-b.conflist'), '{"cniVersion":"1.0.0","name":"b","plugins":[{"type":"bridge"}]}');
    writeFileSync(join(dir, '00-notes.txt'), 'no configuration');
    assert.equal((await loadDefaultNetwork(dir)).name, 'b');
    writeFileSync(join(dir, '00-a.conf'), '{"cniVersion":"0.4.0","name":"a","type":"bridge"}');
    assert.equal((await loadDefaultNetwork(dir)).name, 'a');
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('parseConfigList() makes a single plugin a list of one', () => {
  const list = parseConfigList('{"cniVersion":"0.4.0","name":"a","type":"bridge"}', 'a.conf');
  assert.deepEqual(list.plugins, [{ cniVersion: '0.4.0', name: 'a', type: 'bridge' }]);
});

test('parseConfigList() refuses plugins without a type', () => {
  assert.throws(() => parseConfigList('{"name":"a","plugins":[{}]}', 'a.conf'), {
    message: 'Cannot use "a.conf": plugins must be a list of objects with a type',
  });
});
