import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parsePipelineConfig } from '#attach';
import { type NetworkConfig, parseNetworkConfig } from '#cni';
import { CONF_NAME, confFor, confForName, formatConf, isOwnConf } from './conf-file.ts';

const PATH = '/etc/cni/net.d/10-calico.conflist';

function network(raw: object): NetworkConfig {
  return parseNetworkConfig({ cniVersion: '0.4.0', name: 'k8s-pod-network', ...raw }, { source: 'test' });
}

const plain = network({ plugins: [{ type: 'calico' }] });

test('CONF_NAME comes before whatever begins with 00, by the bytes as runtimes sort', () => {
  assert.ok([CONF_NAME, '00-multus.conf'].sort()[0] === CONF_NAME);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), rest => {
      const name = `00${rest}.conf`;
      assert.ok(Buffer.compare(Buffer.from(CONF_NAME), Buffer.from(name)) < 0);
      assert.equal([name, CONF_NAME].sort()[0], CONF_NAME);
    }),
  );
});

suite('formatConf()', () => {
  test('minimal JSON exact string', () => {
    assert.equal(
      formatConf(confFor(plain, PATH, {})),
      `{
  "cniVersion": "0.4.0",
  "name": "underlane",
  "plugins": [
    {
      "type": "underlane",
      "clusterNetwork": "/etc/cni/net.d/10-calico.conflist"
    }
  ]
}
`,
    );
  });
  test('with every option, to the byte', () => {
    const primary = network({
      cniVersion: '1.1.0',
      plugins: [
        { type: 'calico', capabilities: { bandwidth: true, portMappings: true } },
        { type: 'portmap', capabilities: { portMappings: true, snat: false } },
        { type: 'other', capabilities: { 'io.kubernetes.cri.pod-annotations': true } },
      ],
    });
    assert.equal(
      formatConf(confFor(primary, PATH, { runtimeVersion: '1.0.0', usesPrimaryName: true })),
      `{
  "cniVersion": "1.0.0",
  "name": "k8s-pod-network",
  "plugins": [
    {
      "type": "underlane",
      "capabilities": {
        "bandwidth": true,
        "io.kubernetes.cri.pod-annotations": true,
        "portMappings": true
      },
      "clusterNetwork": "/etc/cni/net.d/10-calico.conflist"
    }
  ]
}
`,
    );
  });
});

suite('confFor()', () => {
  test('capability union over plugins, false filtered', () => {
    const plugins = [
      { type: 'a', capabilities: { portMappings: true, ips: false } },
      { type: 'b', capabilities: null },
      { type: 'c', capabilities: { bandwidth: true } },
    ];
    assert.deepEqual(confFor(network({ plugins }), PATH, {}).capabilities, ['bandwidth', 'portMappings']);
  });
  test('override name', () => {
    assert.equal(confFor(plain, PATH, {}).name, 'underlane');
    assert.equal(confFor(plain, PATH, { usesPrimaryName: true }).name, 'k8s-pod-network');
  });
  for (const [primary, runtime, written] of [
    ['0.4.0', '1.1.0', '0.4.0'],
    ['1.1.0', '1.0.0', '1.0.0'],
    ['1.1.0', undefined, '1.1.0'],
    ['0.3.1', '0.3.1', '0.3.1'],
    // Lists are younger than these.
    ['0.2.0', undefined, '0.3.1'],
    ['1.0.0', '0.1.0', '0.3.1'],
  ] as const) {
    test(`writes version ${written} for a network of ${primary} and a runtime of ${runtime ?? 'any'}`, () => {
      const options = runtime === undefined ? {} : { runtimeVersion: runtime };
      assert.equal(confFor({ ...plain, cniVersion: primary }, PATH, options).cniVersion, written);
    });
  }
  test('of a default network that is no file knows the name alone', () => {
    assert.deepEqual(confForName('lan', {}), {
      cniVersion: '1.0.0',
      name: 'underlane',
      capabilities: [],
      clusterNetwork: 'lan',
    });
  });
});

test('what formatConf() writes has no key that the pipeline does not act on', () => {
  const { plugins } = JSON.parse(
    formatConf(confFor(network({ plugins: [{ type: 'a', capabilities: { ips: true } }] }), PATH, {})),
  );
  assert.deepEqual(parsePipelineConfig(plugins[0]).warnings, []);
});

test('isOwnConf() knows what formatConf() writes, and nothing else', () => {
  assert.equal(isOwnConf(formatConf(confFor(plain, PATH, {}))), true);
  for (const other of [
    '',
    '{',
    '[]',
    '{"type":"underlane"}',
    '{"plugins":[{"type":"multus"}]}',
    '{"plugins":[{"type":"underlane"},{"type":"tuning"}]}',
  ]) {
    assert.equal(isOwnConf(other), false, other);
  }
});
