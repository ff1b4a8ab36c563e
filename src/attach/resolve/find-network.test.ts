import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { putFile, setEachFolder } from '../../base/testing.ts';
import { auxiliaryChain } from './auxiliary-chain.ts';
import { clusterNetwork, furtherNetworks } from './find-network.ts';
import { parsePipelineConfig } from './pipeline-config.ts';

let dir: string;
setEachFolder(path => {
  dir = path;
});

const put = (name: string, value: unknown): string => putFile(dir, name, value);

const LIST = { cniVersion: '0.4.0', name: 'lan', plugins: [{ type: 'bridge', unknown: { kept: [1] } }] };
const signal = new AbortController().signal;

function find(keys: object) {
  const pipeline = parsePipelineConfig({ name: 'cluster', confDir: join(dir, 'multus'), ...keys });
  return clusterNetwork(pipeline, { confDir: join(dir, 'net.d'), nads: undefined }, signal);
}

suite('clusterNetwork()', () => {
  test('from file', async () => {
    const path = put('x/10-lan.conflist', LIST);
    const { config, source } = await find({ clusterNetwork: path });
    assert.equal(config.name, 'lan');
    assert.deepEqual(config.raw, LIST);
    assert.equal(source, `file "${path}"`);
  });
  test('from a file without cniVersion, which is then of 0.1.0', async () => {
    const path = put('x/10-lan.conf', { name: 'lan', type: 'bridge' });
    assert.equal((await find({ clusterNetwork: path })).config.cniVersion, '0.1.0');
  });
  test('from directory: the first file that does not call us at any depth', async () => {
    put('x/00-multus.conf', { cniVersion: '0.3.1', name: 'm', type: 'multus', clusterNetwork: 'lan' });
    put('x/05-genie.conf', { cniVersion: '0.3.1', name: 'g', type: 'genie', delegates: [{ type: 'multus-shim' }] });
    put('x/10-lan.conflist', LIST);
    put('x/20-later.conf', { name: 'later', type: 'ptp' });
    put('x/README', 'no configuration');
    assert.equal((await find({ clusterNetwork: `${join(dir, 'x')}/` })).config.name, 'lan');
  });
  test('from conf name: in confDir, then in the directory of the runtime', async () => {
    put('net.d/10-both.conf', { cniVersion: '0.4.0', name: 'both', type: 'ptp' });
    put('net.d/20-only.conf', { cniVersion: '0.4.0', name: 'only', type: 'ptp' });
    put('multus/x.conf', { cniVersion: '0.4.0', name: 'both', type: 'bridge' });
    assert.equal((await find({ clusterNetwork: 'both' })).config.plugins[0]?.type, 'bridge');
    assert.equal((await find({ clusterNetwork: 'only' })).config.plugins[0]?.type, 'ptp');
    await assert.rejects(find({ clusterNetwork: 'none' }), (error: Error & { readonly code?: string }) => {
      assert.equal(error.code, 'NO_API');
      assert.match(
        error.message,
        /"cluster": clusterNetwork: no configuration in ".*\/multus" or ".*\/net\.d" has the name "none", and: .*"kube-system\/none"/,
      );
      return true;
    });
  });
  test('written by the daemon of Multus, as its container sees the path', async () => {
    const path = put('x/10-lan.conflist', LIST);
    assert.equal((await find({ clusterNetwork: `/host${path}` })).config.name, 'lan');
  });
  test('without clusterNetwork and delegates: the first foreign file of the directory of the runtime', async () => {
    put('net.d/0-underlane.conflist', { cniVersion: '1.0.0', name: 'u', plugins: [{ type: 'underlane' }] });
    put('net.d/10-lan.conflist', LIST);
    assert.equal((await find({})).config.name, 'lan');
  });
  test('invalid disk file', async () => {
    await assert.rejects(find({ clusterNetwork: put('x/10-bad.conf', '{') }), /10-bad\.conf": not JSON/);
    await assert.rejects(find({ clusterNetwork: put('x/11-bad.conf', '{"name":"x"}') }), /"type" nor "plugins"/);
    await assert.rejects(find({ clusterNetwork: 'ns/lan' }), /expected a name without slash or an absolute path/);
    await assert.rejects(find({ clusterNetwork: join(dir, 'nowhere.conf') }), { code: 'NETWORK_NOT_FOUND' });
  });
  test('delegates: the first is the default network; wrong fields are named', async () => {
    assert.equal((await find({ delegates: [LIST, { name: 'x', type: 'ptp' }] })).config.name, 'lan');
    await assert.rejects(find({ delegates: [{ name: 'x' }] }), /delegates\[0\] of the CNI configuration "cluster"/);
    await assert.rejects(find({ delegates: [{ type: 'ptp' }] }), /missing network name/);
  });
});

suite('furtherNetworks()', () => {
  const further = (keys: object, namespace: string | undefined) =>
    furtherNetworks(
      parsePipelineConfig({ name: 'cluster', confDir: join(dir, 'multus'), ...keys }),
      namespace,
      { confDir: join(dir, 'net.d'), nads: undefined },
      signal,
    );
  test('defaultNetworks for every pod, skipped in kube-system', async () => {
    put('multus/a.conf', { cniVersion: '0.4.0', name: 'a', type: 'ptp' });
    put('multus/b.conf', { cniVersion: '0.4.0', name: 'b', type: 'ptp' });
    const keys = { clusterNetwork: 'x', defaultNetworks: ['b', 'a'] };
    assert.deepEqual(
      (await further(keys, 'ns')).map(({ config }) => config.name),
      ['b', 'a'],
    );
    assert.deepEqual(await further(keys, 'kube-system'), []);
    assert.equal((await further({ ...keys, systemNamespaces: ['ns'] }, 'kube-system')).length, 2);
    assert.deepEqual(await further(keys, undefined), []);
  });
  test('all delegates but the first, whatever the namespace', async () => {
    const delegates = [LIST, { name: 'x', type: 'ptp' }];
    for (const namespace of ['ns', 'kube-system', undefined]) {
      assert.deepEqual(
        (await further({ delegates }, namespace)).map(({ config }) => config.name),
        ['x'],
      );
    }
  });
});

suite('auxiliaryChain()', () => {
  const chain = () => {
    const keys = { clusterNetwork: join(dir, '10-lan.conflist'), auxiliaryCNIChainName: 'vendor-cni-chain' };
    return auxiliaryChain(parsePipelineConfig({ name: 'cluster', ...keys }), '0.3.1');
  };
  test('is none without the folder, or without plugins in it', () => {
    assert.equal(chain(), undefined);
    put('vendor-cni-chain/README', '');
    assert.equal(chain(), undefined);
  });
  test('is passthru and the plugins in the folder, in the version of the request', () => {
    put('vendor-cni-chain/10-tuning.conf', { type: 'tuning', sysctl: { 'net.ipv4.conf.eth0.arp_filter': '1' } });
    assert.deepEqual(chain()?.config.raw, {
      name: 'vendor-cni-chain',
      plugins: [{ type: 'passthru' }, { type: 'tuning', sysctl: { 'net.ipv4.conf.eth0.arp_filter': '1' } }],
    });
    assert.equal(chain()?.config.cniVersion, '0.3.1');
  });
  test('fails where a plugin in the folder cannot be read', () => {
    put('vendor-cni-chain/10-tuning.conf', '{');
    assert.throws(chain, /10-tuning\.conf/);
  });
});
