import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { UnderlaneError } from '#base';
import { parseDaemonConfig } from './daemon-config.ts';

const parse = (value: unknown) => parseDaemonConfig(value, 'file "x"');

suite('parseDaemonConfig()', () => {
  test('takes the file that comes with the manifests of Multus', () => {
    const { warnings, ...config } = parse({
      chrootDir: '/hostroot',
      cniVersion: '0.3.1',
      logLevel: 'verbose',
      logToStderr: true,
      cniConfigDir: '/host/etc/cni/net.d',
      multusAutoconfigDir: '/host/etc/cni/net.d',
      multusConfigFile: 'auto',
      socketDir: '/host/run/multus/',
    });
    assert.deepEqual(config, {
      overlay: {},
      logLevel: 'info',
      wishes: { runtimeVersion: '0.3.1', confDir: '/etc/cni/net.d', primaryDir: '/etc/cni/net.d' },
    });
    assert.deepEqual(
      warnings.map(text => text.split(': ')[1]),
      ['chrootDir', 'logToStderr', 'socketDir'],
    );
  });

  test('lays every key of a CNI configuration over those of the requests', () => {
    const keys = {
      clusterNetwork: 'lan',
      defaultNetworks: ['a'],
      systemNamespaces: ['infra'],
      multusNamespace: 'networks',
      namespaceIsolation: true,
      globalNamespaces: 'shared',
      readinessindicatorfile: '/run/ready',
      confDir: '/etc/nets',
      binDir: '/opt/more',
    };
    const config = parse({ ...keys, cniVersion: '1.0.0', name: 'x', type: 'y' });
    assert.deepEqual(config.overlay, keys);
    assert.deepEqual(config.wishes, { runtimeVersion: '1.0.0', clusterNetwork: 'lan' });
    assert.equal(config.warnings.length, 2);
  });

  test('takes an auxiliary chain whose folder lies beside what the request names', () => {
    assert.deepEqual(parse({ auxiliaryCNIChainName: 'chain' }).overlay, { auxiliaryCNIChainName: 'chain' });
  });

  test('takes what is about the configuration to install', () => {
    const { wishes } = parse({ multusMasterCNI: '20-b.conf', overrideNetworkName: true, cniConfigDir: '/etc/x' });
    assert.deepEqual(wishes, { primaryFile: '20-b.conf', usesPrimaryName: true, confDir: '/etc/x' });
  });

  test('takes the directory in which Multus has kept what it attached', () => {
    const { overlay, multusCniDir, warnings } = parse({ cniDir: '/var/lib/cni/other' });
    assert.deepEqual(
      { overlay, multusCniDir, warnings },
      { overlay: {}, multusCniDir: '/var/lib/cni/other', warnings: [] },
    );
  });

  test('takes the port for metrics', () => {
    assert.equal(parse({ metricsPort: 9091 }).healthAddress, '0.0.0.0:9091');
  });

  test('says why what else means nothing does', () => {
    const keys = {
      logFile: '/var/log/x',
      enablePprof: true,
      connectionLimit: 1,
      perNodeCertificate: { enabled: true },
      forceCNIVersion: true,
      multusConfigFile: '/etc/my.conf',
      retryDeleteOnError: true,
      colour: 'red',
      logLevel: 'loud',
    };
    const { warnings } = parse(keys);
    assert.deepEqual(warnings.map(text => text.split(': ')[1]).sort(), Object.keys(keys).sort());
    for (const text of warnings) assert.match(text, /^file "x": \w+: it does nothing: ./);
  });

  for (const [value, message] of [
    [[], 'config is [], expected an object'],
    [{ metricsPort: '9091' }, 'metricsPort is "9091", expected a number from 1 to 65535'],
    [{ cniVersion: '2.0.0' }, /cniVersion is "2\.0\.0", expected one of 0\.1\.0/],
    [{ cniConfigDir: 5 }, 'cniConfigDir is 5, expected a string'],
    [{ multusMasterCNI: 'a/b' }, 'multusMasterCNI is "a/b", expected the plain name of a file'],
  ] as const) {
    test(`refuses ${JSON.stringify(value)}`, () => {
      const text = typeof message === 'string' ? `Cannot use file "x": ${message}` : message;
      assert.throws(() => parse(value), { code: 'CONFIG_FILE', message: text });
    });
  }

  test('finds at the start what would fail each request', () => {
    assert.throws(() => parse({ defaultNetworks: 'a' }), { code: 'NETWORK_CONFIG', message: /defaultNetworks is "a"/ });
  });

  test('throws nothing but its own errors', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        try {
          parse(value);
        } catch (error) {
          assert.ok(error instanceof UnderlaneError);
        }
      }),
    );
  });
});
