import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpam } from '../config/parse-ipam.ts';
import { flatFilePaths } from './whereabouts-flat-file.ts';

const context = { networkName: 'lan', source: 'NAD "default/lan"' };
const path = '/etc/cni/net.d/whereabouts.d/whereabouts.conf';

function parseWith(file: unknown, fields: Readonly<Record<string, unknown>>) {
  const text = typeof file === 'string' ? file : JSON.stringify(file);
  const config = parseIpam({ type: 'whereabouts', ...fields }, { ...context, flatFile: () => ({ path, text }) });
  return config.dialect === 'whereabouts' ? config : assert.fail();
}

test('flatFilePaths() looks where the configuration says before the standard places', () => {
  assert.deepEqual(flatFilePaths('/x/whereabouts.conf'), [
    '/x/whereabouts.conf',
    '/etc/kubernetes/cni/net.d/whereabouts.d/whereabouts.conf',
    '/etc/cni/net.d/whereabouts.d/whereabouts.conf',
    '/host/etc/cni/net.d/whereabouts.d/whereabouts.conf',
  ]);
  assert.deepEqual(flatFilePaths('', '/node/conf')[1], '/node/conf/whereabouts.d/whereabouts.conf');
});

test('a flat file gives what the configuration leaves open, field by field', () => {
  const file = { range: '10.1.0.0/24', gateway: '10.0.0.1', routes: [{ dst: '0.0.0.0/0' }], network_name: 'blue' };
  const config = parseWith(file, { range: '10.0.0.0/24', network_name: '', routes: [] });
  assert.deepEqual(
    config.pools.map(({ ref, scope, gateway }) => [ref.name, scope, gateway]),
    [['blue-10.0.0.0-24', 'blue', '10.0.0.1']],
  );
  assert.deepEqual(config.routes, [{ dst: '0.0.0.0/0' }]);
});

test('a flat file as installers write it, or none, changes nothing', () => {
  const installed = {
    datastore: 'kubernetes',
    kubernetes: { kubeconfig: '/etc/cni/net.d/whereabouts.d/whereabouts.kubeconfig' },
    reconciler_cron_expression: '30 4 * * *',
  };
  const alone = parseIpam({ type: 'whereabouts', range: '10.0.0.0/24' }, context);
  assert.deepEqual(parseWith(installed, { range: '10.0.0.0/24' }), alone);
  const withoutFile = { ...context, flatFile: () => undefined };
  assert.deepEqual(parseIpam({ type: 'whereabouts', range: '10.0.0.0/24' }, withoutFile), alone);
});

test('a flat file is looked up under configuration_path', () => {
  const asked: unknown[] = [];
  const flatFile = (from: string | undefined): undefined => void asked.push(from);
  const range = '10.0.0.0/24';
  parseIpam({ type: 'whereabouts', range, configuration_path: '/x' }, { ...context, flatFile });
  parseIpam({ type: 'whereabouts', range }, { ...context, flatFile });
  assert.deepEqual(asked, ['/x', undefined]);
});

test('a wrong flat file is named, and so is one that gives a wrong value', () => {
  const cases: readonly [unknown, RegExp][] = [
    ['root:x:0:0', /^Cannot use ipam of file "\/etc\/.+\.conf": it holds no JSON object$/],
    ['[]', /^Cannot use ipam of file "\/etc\/.+\.conf": it holds no JSON object$/],
    [{ auths: 'secret', rnage: 1 }, /^Cannot use ipam of file ".+": unknown fields "auths", "rnage"$/],
    [
      { gateway: 5 },
      /^Cannot use ipam of file ".+": gateway is not of the type that it has in a network's configuration$/,
    ],
    [
      { gateway: '10.9.0.1' },
      /^Cannot use ipam of NAD "default\/lan" with file ".+": gateway is "10\.9\.0\.1", expected an address inside 10\.0\.0\.0\/24$/,
    ],
  ];
  for (const [file, message] of cases) {
    assert.throws(() => parseWith(file, { range: '10.0.0.0/24' }), { code: 'BAD_CONFIG', message });
  }
});
