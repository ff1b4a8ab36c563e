import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { CniResult } from '#cni';
import { emptyResult } from '#cni';
import { formatNetworkStatus } from './format-network-status.ts';
import { networkStatusEntries } from './network-status.ts';

const sandbox = '/run/netns/pod';
const mac = '02:00:00:00:00:01';
const bridged: CniResult = {
  interfaces: [
    { name: 'cni0', mac: '02:00:00:00:00:0a' },
    { name: 'veth1', mac: '02:00:00:00:00:0b' },
    { name: 'eth0', mac, sandbox },
  ],
  ips: [{ address: '10.244.1.5/24', gateway: '10.244.1.1', interface: 2 }],
  routes: [{ dst: '0.0.0.0/0', gw: '10.244.1.1' }],
  dns: {},
};
const alone: CniResult = {
  interfaces: [{ name: 'net1', mac, mtu: 9000, sandbox }],
  ips: [{ address: '172.18.0.10/16', interface: 0 }, { address: 'fd00::10/64' }],
  routes: [{ dst: '172.20.0.0/16', gw: '172.18.0.1' }],
  dns: { nameservers: ['172.18.0.53'], search: [], domain: '' },
};

describe('formatNetworkStatus()', () => {
  it('writes the annotation to the byte', () => {
    const entries = [
      ...networkStatusEntries({ name: 'primary', result: bridged, isDefault: true }),
      ...networkStatusEntries({ name: 'shop/lan', result: alone, isDefault: false }),
      ...networkStatusEntries({ name: 'shop/<odd>', result: emptyResult, isDefault: false, ifname: 'net2' }),
    ];
    const golden = readFileSync(new URL('testdata/network-status.golden.txt', import.meta.url), 'utf8');
    assert.equal(formatNetworkStatus(entries), golden);
  });
  it('is JSON that says the same', () => {
    const entries = networkStatusEntries({ name: 'primary', result: bridged, isDefault: true });
    assert.deepEqual(JSON.parse(formatNetworkStatus(entries)), entries);
    assert.equal(formatNetworkStatus([]), '[]');
  });
});

describe('networkStatusEntries()', () => {
  const of = (result: CniResult, isDefault = true) => networkStatusEntries({ name: 'n', result, isDefault });

  it('takes every address for the only interface, whatever their index', () => {
    assert.deepEqual(of(alone, false)[0]?.ips, ['172.18.0.10', 'fd00::10']);
  });
  it('leaves out name, MAC and MTU of an only interface on the host', () => {
    const entries = of({ ...alone, interfaces: [{ name: 'veth1', mac, mtu: 1500 }] });
    assert.deepEqual(entries, [{ name: 'n', ips: ['172.18.0.10', 'fd00::10'], default: true, dns: alone.dns }]);
  });
  it('gives each interface in the pod its addresses, and the last those without index', () => {
    const interfaces = [{ name: 'eth0', sandbox }, { name: 'host' }, { name: 'eth1', sandbox }];
    const ips = [
      { address: '10.0.0.1/24', interface: 0 },
      { address: '10.0.0.2/24', interface: 2 },
      { address: '10.0.0.3/24' },
      { address: '10.0.0.4/24', interface: 1 },
    ];
    assert.deepEqual(of({ ...emptyResult, interfaces, ips }), [
      { name: 'n', interface: 'eth0', ips: ['10.0.0.1'], default: true, dns: {} },
      { name: 'n', interface: 'eth1', ips: ['10.0.0.2', '10.0.0.3'], dns: {} },
    ]);
  });
  it('marks the interface of the first address with a gateway as default', () => {
    const interfaces = [
      { name: 'eth0', sandbox },
      { name: 'eth1', sandbox },
    ];
    const ips = [
      { address: '10.0.0.1/24', interface: 0 },
      { address: '10.0.0.2/24', gateway: '10.0.0.254', interface: 1 },
    ];
    assert.deepEqual(
      of({ ...emptyResult, interfaces, ips }).map(entry => entry.default),
      [undefined, true],
    );
  });
  it('gives one entry to a result without interfaces', () => {
    assert.deepEqual(of({ ...emptyResult, ips: [{ address: '10.0.0.1/24' }] }), [
      { name: 'n', ips: ['10.0.0.1'], default: true, dns: {} },
    ]);
  });
  it('lists the next hops of default routes, by the gateway of the family where a route has none', () => {
    const ips = [
      { address: '10.0.0.1/24', gateway: '10.0.0.254', interface: 0 },
      { address: 'fd00::1/64', interface: 0 },
    ];
    const routes = [
      { dst: '0.0.0.0/0' },
      { dst: '::/0' },
      { dst: '::/0', gw: 'fd00::fe' },
      { dst: '10.9.0.0/16', gw: '10.0.0.9' },
    ];
    assert.deepEqual(of({ ...alone, ips, routes })[0]?.gateway, ['10.0.0.254', 'fd00::fe']);
  });
  it('tells of the device between dns and gateway', () => {
    const deviceInfo = { type: 'pci', version: '1.1.0', pci: { 'pci-address': '0000:03:02.1' } } as const;
    const input = { name: 'n', isDefault: true, deviceInfo };
    const result = { ...alone, routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.254' }] };
    const text = formatNetworkStatus(networkStatusEntries({ ...input, result }));
    const [status] = JSON.parse(text) as readonly Readonly<Record<string, unknown>>[];
    assert.deepEqual(Object.keys(status ?? {}).slice(-4), ['default', 'dns', 'device-info', 'gateway']);
    assert.deepEqual(status?.['device-info'], deviceInfo);
  });
});
