import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts } from '#facts';
import type { LinkItem, WiringItem } from '#wiring';
import type { AttachmentSpec, IpamResult, Plan } from '../plugin.ts';
import { assertGolden, attachment, facts, host, ipam, pod } from '../testing.ts';
import { macvlan } from './mod.ts';

interface Given {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly attachment?: Partial<AttachmentSpec>;
  readonly ipam?: IpamResult | undefined;
  readonly facts?: Facts;
}

function plan(given: Given = {}): Plan {
  const addresses = 'ipam' in given ? given.ipam : ipam;
  return macvlan.plan({
    config: macvlan.parse({ type: 'macvlan', ...given.config }),
    attachment: { ...attachment, ...given.attachment },
    ...(addresses === undefined ? {} : { ipam: addresses }),
    facts: given.facts ?? facts,
  });
}

function linkOf(given: Given = {}): LinkItem {
  const link = plan(given).wiring.find(item => item.kind === 'link');
  assert.ok(link?.kind === 'link');
  return link;
}

const routesOf = (given: Given) => plan(given).wiring.filter((item: WiringItem) => item.kind === 'route');

describe('macvlan.plan() gives', () => {
  it('the wiring and the result of the golden file', () => {
    assertGolden(new URL('testdata/macvlan.golden.json', import.meta.url), plan());
  });
  it('the device of the default route as master', () => {
    assert.deepEqual(linkOf().link, { type: 'macvlan', master: 'eth0', masterPlace: 'host', mode: 'bridge' });
  });
  it('mode and broadcast queue length of the config', () => {
    const config = { master: 'eth0', mode: 'vepa', bcqueuelen: 500 };
    assert.deepEqual(linkOf({ config }).link, {
      type: 'macvlan',
      master: 'eth0',
      masterPlace: 'host',
      mode: 'vepa',
      bcQueueLen: 500,
    });
  });
  it('a master in the pod where the config says so', () => {
    const inPod = { ifindex: 7, name: 'eth0', mtu: 1400, isUp: true, isLoopback: false };
    const link = linkOf({
      config: { master: 'eth0', linkInContainer: true },
      attachment: { ifname: 'net1' },
      facts: { host, pod: { ...pod, links: [...pod.links, inPod] } },
    });
    assert.equal(link.mtu, 1400);
    assert.deepEqual(link.link, { type: 'macvlan', master: 'eth0', masterPlace: 'pod', mode: 'bridge' });
  });
  it("the master's MTU, or a smaller one", () => {
    assert.equal(linkOf().mtu, 1500);
    assert.equal(linkOf({ config: { mtu: 0 } }).mtu, 1500);
    assert.equal(linkOf({ config: { mtu: 1400 } }).mtu, 1400);
    assert.equal(linkOf({ config: { mtu: 1500 } }).mtu, 1500);
  });
  it("the pod's MAC before the config's before a planned one", () => {
    const config = { mac: '0A-00-00-00-00-01' };
    assert.equal(linkOf({ config, attachment: { mac: '0A:00:00:00:00:02' } }).mac, '0a:00:00:00:00:02');
    assert.equal(linkOf({ config }).mac, '0a:00:00:00:00:01');
    assert.match(linkOf().mac ?? '', /^[0-9a-f][26ae]:/);
  });
  it('the MAC of the wiring in the result', () => {
    assert.equal(plan().result.interfaces[0]?.mac, linkOf().mac);
  });
  it('a link and nothing else without IPAM', () => {
    const { wiring, result } = plan({ ipam: undefined });
    assert.deepEqual(
      wiring.map(item => item.kind),
      ['link'],
    );
    assert.deepEqual([result.ips, result.routes], [[], []]);
  });
  it('link, sysctls, addresses and routes in this order', () => {
    const kinds = plan().wiring.map(item => item.kind);
    assert.deepEqual(kinds, ['link', 'sysctl', 'address', 'route']);
  });
  it('IPv6 switched on before the first IPv6 address', () => {
    const ips = [...ipam.ips, { address: 'FD00:172:18::10/64', gateway: 'fd00:172:18::1' }];
    const { wiring } = plan({ ipam: { ...ipam, ips } });
    const sysctls = wiring.flatMap(item => (item.kind === 'sysctl' ? [`${item.path}=${item.value}`] : []));
    assert.deepEqual(sysctls, [
      'net/ipv4/conf/eth0/arp_notify=1',
      'net/ipv6/conf/lo/disable_ipv6=0',
      'net/ipv6/conf/eth0/disable_ipv6=0',
      'net/ipv6/conf/eth0/keep_addr_on_down=1',
      'net/ipv6/conf/eth0/ndisc_notify=1',
    ]);
    const addresses = wiring.flatMap(item => (item.kind === 'address' ? [item.address] : []));
    assert.deepEqual(addresses, ['172.18.0.10/16', 'fd00:172:18::10/64']);
    assert.ok(wiring.findLastIndex(item => item.kind === 'sysctl') < wiring.findIndex(item => item.kind === 'address'));
  });
  it("routes by their own gateway, by the family's, and on-link", () => {
    const routes = [
      { dst: '10.1.0.0/16', gw: '172.18.0.99' },
      { dst: '10.2.0.0/16', priority: 50, table: 300, scope: 0 },
      { dst: 'fd01::/64' },
    ];
    const common = { kind: 'route', place: 'pod', dev: 'eth0', yields: true };
    assert.deepEqual(routesOf({ ipam: { ...ipam, routes } }), [
      { ...common, dst: '10.1.0.0/16', via: '172.18.0.99' },
      { ...common, dst: '10.2.0.0/16', via: '172.18.0.1', table: 300, metric: 50, scope: 'universe' },
      { ...common, dst: 'fd01::/64' },
    ]);
  });
  it("the config's dns and not IPAM's", () => {
    const config = { dns: { nameservers: ['172.18.0.53'] } };
    const { result } = plan({ config, ipam: { ...ipam, dns: { domain: 'ipam.example' } } });
    assert.deepEqual(result.dns, { nameservers: ['172.18.0.53'] });
  });
});

describe('macvlan.plan() refuses', () => {
  const cases: readonly (readonly [what: string, given: Given, code: string, message: string | RegExp])[] = [
    [
      'a master that is not there',
      { config: { master: 'ens3' } },
      'MASTER_MISSING',
      'Cannot plan macvlan "eth0": master is "ens3", expected the name of a device on the host',
    ],
    [
      'no master on a host without default route',
      { facts: { host: { ...host, routes: [] }, pod } },
      'MASTER_MISSING',
      /master is not set and there is no default route on the host, expected the name of a device$/,
    ],
    [
      'a name that the pod has',
      { attachment: { ifname: 'lo' } },
      'INTERFACE_TAKEN',
      'Cannot plan macvlan "lo": the pod already has a physical link of that name, expected a free name',
    ],
    [
      "more than the master's MTU",
      { config: { mtu: 1501 } },
      'MTU_TOO_LARGE',
      'Cannot plan macvlan "eth0": mtu is 1501, expected 0 to 1500, the MTU of master "eth0"',
    ],
    ['a multicast MAC', { attachment: { mac: '01:00:00:00:00:01' } }, 'MAC_INVALID', /requested MAC is "01:00/],
    ['an answer of IPAM without address', { ipam: { ...ipam, ips: [] } }, 'NO_ADDRESS', /IPAM gave no address/],
    [
      'an address without length',
      { ipam: { ...ipam, ips: [{ address: '10.0.0.1' }] } },
      'ADDRESS_INVALID',
      /^Cannot plan interface "eth0": address is "10.0.0.1" \(/,
    ],
    [
      'a destination with host bits',
      { ipam: { ...ipam, routes: [{ dst: '10.1.2.3/16' }] } },
      'ROUTE_INVALID',
      /destination of a route is "10.1.2.3\/16", expected "10.1.0.0\/16", without host bits$/,
    ],
    [
      'a gateway of the other family',
      { ipam: { ...ipam, routes: [{ dst: '10.1.0.0/16', gw: 'fd00::1' }] } },
      'ROUTE_INVALID',
      /gateway is "fd00::1", expected an IPv4 address$/,
    ],
    [
      'a scope that the kernel has not',
      { ipam: { ...ipam, routes: [{ dst: '10.1.0.0/16', scope: 7 }] } },
      'ROUTE_INVALID',
      /scope of route 10.1.0.0\/16 is 7, expected one of 0, 200, 253, 254, 255$/,
    ],
  ];
  for (const [what, given, code, message] of cases) {
    it(what, () => assert.throws(() => plan(given), { name: 'PlanError', code, message }));
  }
});
