import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { UnderlaneError } from '#base';
import { KNOWN_KEYS } from '#networks';
import { parsePipelineConfig } from './pipeline-config.ts';

const BASE = { cniVersion: '1.0.0', name: 'multus-cni-network', type: 'multus-shim' };

function warned(keys: object): readonly string[] {
  return parsePipelineConfig({ ...BASE, ...keys }).warnings.map(({ key, message }) => `${key}: ${message}`);
}

suite('parsePipelineConfig()', () => {
  test('without keys has the defaults of Multus', () => {
    assert.deepEqual(parsePipelineConfig(BASE), {
      source: 'the CNI configuration "multus-cni-network"',
      delegates: [],
      defaultNetworks: [],
      systemNamespaces: ['kube-system'],
      multusNamespace: 'kube-system',
      netConfDir: '/etc/cni/multus/net.d',
      warnings: [],
    });
  });

  test('reads every key that does something', () => {
    const keys = {
      clusterNetwork: '/etc/cni/net.d/10-calico.conflist',
      defaultNetworks: ['a', 'b'],
      systemNamespaces: ['infra'],
      multusNamespace: 'networks',
      namespaceIsolation: true,
      globalNamespaces: ' default, shared ,',
      readinessindicatorfile: '/run/ready',
      auxiliaryCNIChainName: 'chain',
      confDir: '/etc/nets',
      binDir: '/opt/more',
      capabilities: { portMappings: true },
    };
    assert.deepEqual(parsePipelineConfig({ ...BASE, ...keys }), {
      source: 'the CNI configuration "multus-cni-network"',
      clusterNetwork: '/etc/cni/net.d/10-calico.conflist',
      delegates: [],
      defaultNetworks: ['a', 'b'],
      systemNamespaces: ['infra'],
      multusNamespace: 'networks',
      openNamespaces: ['default', 'shared'],
      readinessFile: '/run/ready',
      auxiliaryChain: 'chain',
      netConfDir: '/etc/nets',
      binDir: '/opt/more',
      warnings: [],
    });
  });

  test('isolation default list and custom list', () => {
    const open = (keys: object) => parsePipelineConfig({ ...BASE, namespaceIsolation: true, ...keys }).openNamespaces;
    assert.deepEqual(open({}), ['default']);
    assert.deepEqual(open({ globalNamespaces: '' }), ['default']);
    assert.deepEqual(open({ globalNamespaces: 'shared' }), ['shared']);
    assert.equal(open({ namespaceIsolation: false, globalNamespaces: 'shared' }), undefined);
  });

  test('only delegates', () => {
    const delegates = [{ type: 'bridge' }, { type: 'macvlan' }];
    const config = parsePipelineConfig({ ...BASE, delegates });
    assert.deepEqual(config.delegates, delegates);
    assert.equal(config.clusterNetwork, undefined);
  });

  test('clusterNetwork wins over delegates, and says so', () => {
    const config = parsePipelineConfig({ ...BASE, clusterNetwork: 'lan', delegates: [{ type: 'bridge' }] });
    assert.deepEqual(config.delegates, []);
    assert.deepEqual(warned({ clusterNetwork: 'lan', delegates: [{}] }), [
      'delegates: it does nothing beside clusterNetwork',
    ]);
  });

  test('defaultNetworks beside delegates do nothing, and it says so', () => {
    const config = parsePipelineConfig({ ...BASE, delegates: [{ type: 'bridge' }], defaultNetworks: ['a'] });
    assert.deepEqual(config.defaultNetworks, []);
    assert.match(config.warnings[0]?.message ?? '', /beside delegates, expected clusterNetwork/);
  });

  test('readiness default and override', () => {
    assert.equal(parsePipelineConfig(BASE).readinessFile, undefined);
    const own = { ...BASE, readinessindicatorfile: '/run/own' };
    assert.equal(parsePipelineConfig(own).readinessFile, '/run/own');
    assert.equal(parsePipelineConfig(own, { readinessindicatorfile: '/run/daemon' }).readinessFile, '/run/daemon');
  });

  test("the overlay's keys each replace the configuration's", () => {
    const overlay = { defaultNetworks: ['b'], namespaceIsolation: true, cniVersion: '0.3.1' };
    const config = parsePipelineConfig({ ...BASE, clusterNetwork: 'lan', defaultNetworks: ['a'] }, overlay);
    assert.equal(config.clusterNetwork, 'lan');
    assert.deepEqual(config.defaultNetworks, ['b']);
    assert.deepEqual(config.openNamespaces, ['default']);
  });

  test('log keys and what else means nothing here are taken with the reason why', () => {
    const keys = {
      logLevel: 'debug',
      logFile: '/var/log/multus.log',
      logOptions: { maxAge: 5 },
      logToStderr: false,
      cniDir: '/var/lib/cni/multus',
      kubeconfig: '/etc/cni/net.d/multus.d/multus.kubeconfig',
      retryDeleteOnError: true,
      daemonSocketDir: '/run/multus',
      cniConf: '/host/etc/cni/multus/net.d',
      colour: 'red',
    };
    const found = warned(keys);
    assert.deepEqual(
      found.map(text => text.split(':')[0]),
      Object.keys(keys),
    );
    for (const text of found) assert.match(text, /^\w+: it does nothing: ./);
    assert.match(found.at(-1) ?? '', /no such key is known/);
  });

  test('keys that were never set, and private ones with a dot, are none of its business', () => {
    assert.deepEqual(warned({ cniDir: '', logOptions: null, kubeconfig: undefined, 'cni.dev/x': 1, 'a.b': 2 }), []);
  });

  for (const [keys, message] of [
    [{ clusterNetwork: 5 }, 'clusterNetwork is 5, expected a string'],
    [{ delegates: {} }, 'delegates is {}, expected a list'],
    [{ delegates: 'x' }, 'delegates is "x", expected a list'],
    [{ defaultNetworks: ['a', 1] }, 'defaultNetworks[1] is 1, expected a name'],
    [{ systemNamespaces: 'kube-system' }, 'systemNamespaces is "kube-system", expected a list'],
    [{ namespaceIsolation: 'true' }, 'namespaceIsolation is "true", expected true or false'],
    [{ globalNamespaces: ['a'], namespaceIsolation: true }, 'globalNamespaces is ["a"], expected a string'],
    [{ confDir: 'net.d' }, 'confDir is "net.d", expected an absolute path'],
    [{ binDir: 'bin' }, 'binDir is "bin", expected an absolute path'],
    [{ readinessindicatorfile: 'ready' }, 'readinessindicatorfile is "ready", expected an absolute path'],
    [
      { auxiliaryCNIChainName: 'x', clusterNetwork: 'lan' },
      'clusterNetwork is "lan", expected a path, since auxiliaryCNIChainName is set',
    ],
    [{ auxiliaryCNIChainName: 'x' }, 'clusterNetwork is missing, expected a path, since auxiliaryCNIChainName is set'],
    [
      { auxiliaryCNIChainName: '../x', clusterNetwork: '/a/b' },
      'auxiliaryCNIChainName is "../x", expected the plain name of a folder',
    ],
  ] as const) {
    test(`refuses ${JSON.stringify(keys)}`, () => {
      assert.throws(() => parsePipelineConfig({ ...BASE, ...keys }), {
        code: 'NETWORK_CONFIG',
        message: `Cannot use the CNI configuration "multus-cni-network": ${message}`,
      });
    });
  }

  test('throws nothing but its own errors, whatever the keys hold', () => {
    const key = fc.constantFrom(...KNOWN_KEYS, '__proto__');
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(key, fc.string()), fc.jsonValue()), keys => {
        try {
          parsePipelineConfig({ ...BASE, ...keys });
        } catch (error) {
          assert.ok(error instanceof UnderlaneError);
        }
      }),
    );
  });
});
