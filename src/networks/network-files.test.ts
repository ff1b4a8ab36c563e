import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { putFile, setEachFolder } from '../base/testing.ts';
import { callsPipeline } from './calls-pipeline.ts';
import { readNetworkFile } from './network-files.ts';

let dir: string;
setEachFolder(path => {
  dir = path;
});

const put = (name: string, value: unknown): string => putFile(dir, name, value);

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
