import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { callsPipeline } from './calls-pipeline.ts';
import { readNetworkFile } from './network-files.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'underlane-networks-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function put(name: string, value: unknown): string {
  const path = join(dir, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

const LIST = { cniVersion: '0.4.0', name: 'lan', plugins: [{ type: 'bridge', unknown: { kept: [1] } }] };

suite('readNetworkFile()', () => {
  test('conflist bytes keep unknown keys', () => {
    assert.deepEqual(readNetworkFile(put('10-lan.conflist', LIST)).plugins, LIST.plugins);
  });
  test('sub-directory plugins kept, unless the list wants only its own', () => {
    put('lan/20-tuning.conf', { type: 'tuning', sysctl: { a: '1' } });
    put('lan/10-first.conf', { type: 'sbr' });
    put('lan/ignored.conflist', '{');
    const types = (extra: object) =>
      readNetworkFile(put('10-lan.conflist', { ...LIST, ...extra })).plugins.map(({ type }) => type);
    assert.deepEqual(types({}), ['bridge', 'sbr', 'tuning']);
    assert.deepEqual(types({ plugins: [] }), ['sbr', 'tuning']);
    assert.deepEqual(types({ loadOnlyInlinedPlugins: true }), ['bridge']);
    assert.deepEqual(types({ loadOnlyInlinedPlugins: 'true' }), ['bridge']);
    put('lan/30-broken.conf', '{');
    assert.throws(() => types({}), /30-broken\.conf/);
  });
});

test('callsPipeline() finds us and Multus at any depth', () => {
  for (const type of ['underlane', 'multus', 'multus-shim']) {
    assert.equal(callsPipeline({ plugins: [{ type: 'x', deeper: [{ delegate: { type } }] }] }), true);
  }
  assert.equal(callsPipeline({ type: 'bridge', name: 'multus', ipam: { type: 'host-local' } }), false);
});
