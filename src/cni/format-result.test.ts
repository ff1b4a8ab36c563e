import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatResult, toVersionedResult } from './format-result.ts';
import { type CniResult, emptyResult } from './result.ts';

const result: CniResult = {
  interfaces: [{ name: 'net1', mac: '0a:58:0a:00:00:05', mtu: 1400, sandbox: '/run/netns/a' }],
  ips: [
    { address: '10.0.0.5/16', gateway: '10.0.0.1', interface: 0 },
    { address: 'fd00::5/64', interface: 0 },
  ],
  routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1', table: 100 }],
  dns: {},
};

const early = {
  interfaces: [{ name: 'net1', mac: '0a:58:0a:00:00:05', sandbox: '/run/netns/a' }],
  ips: [
    { version: '4', interface: 0, address: '10.0.0.5/16', gateway: '10.0.0.1' },
    { version: '6', interface: 0, address: 'fd00::5/64' },
  ],
  routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }],
  dns: {},
};

test('toVersionedResult() prints the shape of each version', () => {
  for (const cniVersion of ['0.3.0', '0.3.1', '0.4.0']) {
    assert.deepEqual(toVersionedResult(result, cniVersion), { cniVersion, ...early });
  }
  assert.deepEqual(toVersionedResult(result, '1.0.0'), {
    cniVersion: '1.0.0',
    interfaces: early.interfaces,
    ips: [
      { interface: 0, address: '10.0.0.5/16', gateway: '10.0.0.1' },
      { interface: 0, address: 'fd00::5/64' },
    ],
    routes: early.routes,
  });
});

test('toVersionedResult() prints an empty dns before 1.0.0 only, and a filled one always', () => {
  assert.deepEqual(toVersionedResult(emptyResult, '0.4.0'), { cniVersion: '0.4.0', dns: {} });
  assert.deepEqual(toVersionedResult(emptyResult, '1.0.0'), { cniVersion: '1.0.0' });
  const dns = { nameservers: ['10.0.0.2'] };
  assert.deepEqual(toVersionedResult({ ...emptyResult, dns }, '1.0.0'), { cniVersion: '1.0.0', dns });
});

test('formatResult() prints indented JSON that ends with a line', () => {
  assert.equal(formatResult(emptyResult, '1.0.0'), '{\n    "cniVersion": "1.0.0"\n}\n');
});

test('formatResult() refuses versions that we do not speak', () => {
  for (const version of ['0.2.0', '1.1.0', '', 'toString']) {
    assert.throws(() => formatResult(emptyResult, version), { code: 'CNI_INCOMPATIBLE_VERSION', cniCode: 1 });
  }
});
