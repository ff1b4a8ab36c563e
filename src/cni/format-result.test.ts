import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatResult, toVersionedResult } from './format-result.ts';
import { type CniResult, emptyResult } from './result.ts';

const result: CniResult = {
  interfaces: [
    {
      name: 'net1',
      mac: '0a:58:0a:00:00:05',
      mtu: 1400,
      sandbox: '/run/netns/a',
      socketPath: '/run/vhost.sock',
      pciID: '0000:3b:02.1',
    },
  ],
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
  // 1.1.0 has a field for everything.
  assert.deepEqual(toVersionedResult({ ...result, dns: { domain: 'x' } }, '1.1.0'), {
    cniVersion: '1.1.0',
    ...result,
    dns: { domain: 'x' },
  });
  assert.deepEqual(toVersionedResult(result, '1.1.0')['dns'], undefined);
});

test('toVersionedResult() prints the first address of each family, with its routes, before 0.3.0', () => {
  const wide: CniResult = {
    ...result,
    ips: [...result.ips, { address: '10.0.0.6/16' }],
    routes: [...result.routes, { dst: '10.9.0.0/16' }, { dst: '::/0', priority: 5 }],
    dns: { nameservers: ['10.0.0.2'] },
  };
  for (const cniVersion of ['0.1.0', '0.2.0']) {
    assert.deepEqual(toVersionedResult(wide, cniVersion), {
      cniVersion,
      ip4: {
        ip: '10.0.0.5/16',
        gateway: '10.0.0.1',
        routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }, { dst: '10.9.0.0/16' }],
      },
      ip6: { ip: 'fd00::5/64', routes: [{ dst: '::/0' }] },
      dns: { nameservers: ['10.0.0.2'] },
    });
    const ipv6 = { ...result, ips: [{ address: 'fd00::5/64' }] };
    assert.deepEqual(toVersionedResult(ipv6, cniVersion), { cniVersion, ip6: { ip: 'fd00::5/64' }, dns: {} });
  }
});

test('toVersionedResult() refuses a result without address before 0.3.0: there is nothing that it could say', () => {
  assert.throws(() => toVersionedResult({ ...result, ips: [] }, '0.2.0'), {
    cniCode: 1,
    message:
      'Cannot print a result in CNI version "0.2.0": it has no address, expected one, or a version from 0.3.0 on',
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
  for (const version of ['0.0.9', '1.2.0', '', 'toString']) {
    assert.throws(() => formatResult(emptyResult, version), { code: 'CNI_INCOMPATIBLE_VERSION', cniCode: 1 });
  }
});
