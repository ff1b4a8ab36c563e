import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CniResult } from '#cni';
import type { Facts, NsFacts } from '#facts';
import type { Wiring, WiringItem } from '#wiring';
import { compare, diff, overlayWiring } from '#wiring';
import { macvlan } from '../macvlan/mod.ts';
import type { AttachmentSpec, IpamResult, Plan } from '../plugin.ts';
import { assertGolden, attachment, facts, host, ipam, pod } from '../testing.ts';
import { veth } from './mod.ts';

const subnets = { service_hijack_subnet: ['10.96.0.0/12'], overlay_hijack_subnet: ['10.244.0.0/16'] };

interface Given {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly master?: string;
  readonly attachment?: AttachmentSpec;
  readonly ipam?: IpamResult;
  readonly facts?: Facts;
}

interface Chain {
  readonly plan: Plan;
  /** Of the whole chain. */
  readonly wiring: Wiring;
  /** Facts with the whole chain laid over them. */
  readonly facts: Facts;
}

/** A chain of macvlan and veth, as the networks of the predecessor's examples have it. */
function chain(given: Given = {}): Chain {
  const spec = given.attachment ?? attachment;
  const before = given.facts ?? facts;
  const main = macvlan.plan({
    config: macvlan.parse({ type: 'macvlan', ...(given.master === undefined ? {} : { master: given.master }) }),
    attachment: spec,
    ipam: given.ipam ?? ipam,
    facts: before,
  });
  const between = overlayWiring(before, main.wiring);
  const plan = veth.plan({
    config: veth.parse({ type: 'veth', ...subnets, ...given.config }),
    attachment: spec,
    prevResult: main.result,
    facts: between,
  });
  return { plan, wiring: [...main.wiring, ...plan.wiring], facts: overlayWiring(between, plan.wiring) };
}

const show = (item: WiringItem) =>
  item.kind === 'route'
    ? `${item.place} ${item.dst}${item.via === undefined ? '' : ` via ${item.via}`} dev ${item.dev} table ${item.table ?? 254}`
    : item.kind === 'sysctl'
      ? `${item.place} ${item.path}=${item.value}`
      : item.kind === 'neighbour'
        ? `${item.place} ${item.address} dev ${item.dev}`
        : item.kind;
const itemsOf = (plan: Plan, kind: WiringItem['kind']) => plan.wiring.filter(item => item.kind === kind).map(show);

describe('veth.plan() for the only NIC of a pod', () => {
  it('gives the wiring and the result of the golden file', () => {
    assertGolden(new URL('testdata/e1.golden.json', import.meta.url), chain().plan);
  });
  it("carries the MTU of the pod's NIC on both ends", () => {
    const links = host.links.map(link => (link.name === 'eth0' ? { ...link, mtu: 9000 } : link));
    const { wiring } = chain({ facts: { host: { ...host, links }, pod } }).plan;
    const link = wiring.find(item => item.kind === 'link');
    assert.ok(link?.kind === 'link' && link.link.type === 'veth');
    assert.deepEqual([link.mtu, link.link.peer.mtu], [9000, 9000]);
  });
  it('takes every address of the node, and only routes of families that the pod has', () => {
    const addresses = [
      ...host.addresses,
      { dev: 'eth1', address: '10.9.0.2/24', scope: 'universe' as const },
      { dev: 'eth1', address: 'fd00:9::2/64', scope: 'universe' as const },
      { dev: 'docker0', address: '172.17.0.1/16', scope: 'universe' as const },
    ];
    const eth1 = { ifindex: 3, name: 'eth1', mtu: 1500, isUp: true, isLoopback: false };
    const docker0 = { ifindex: 4, name: 'docker0', mtu: 1500, isUp: true, isLoopback: false };
    const { plan } = chain({
      facts: { host: { ...host, addresses, links: [...host.links, eth1, docker0] }, pod },
      config: { additional_hijack_subnet: ['fd00:96::/108'] },
    });
    assert.deepEqual(itemsOf(plan, 'route'), [
      'pod 172.18.0.2/32 dev veth0 table 254',
      'pod 10.9.0.2/32 dev veth0 table 254',
      'pod 10.96.0.0/12 via 172.18.0.2 dev veth0 table 254',
      'pod 10.244.0.0/16 via 172.18.0.2 dev veth0 table 254',
      'host 172.18.0.10/32 dev veth0123456789a table 254',
    ]);
    assert.deepEqual(itemsOf(plan, 'neighbour'), [
      'pod 172.18.0.2 dev veth0',
      'pod 10.9.0.2 dev veth0',
      'host 172.18.0.10 dev veth0123456789a',
    ]);
  });
  it('wires both families of a dual-stack pod', () => {
    const addresses = [...host.addresses, { dev: 'eth0', address: 'fd00:172:18::2/64', scope: 'universe' as const }];
    const v6 = { family: 6, dev: 'eth0', table: 254, scope: 'universe', protocol: 2, metric: 256 } as const;
    const routes = [...host.routes, { ...v6, dst: 'fd00:172:18::/64' }];
    const { plan } = chain({
      facts: { host: { ...host, addresses, routes }, pod },
      ipam: { ...ipam, ips: [...ipam.ips, { address: 'fd00:172:18::10/64' }] },
      config: { service_hijack_subnet: ['10.96.0.0/12', 'fd00:10:96::/108'] },
    });
    assert.deepEqual(
      itemsOf(plan, 'route').filter(text => text.includes('::')),
      [
        'pod fd00:172:18::2/128 dev veth0 table 254',
        'pod fd00:10:96::/108 via fd00:172:18::2 dev veth0 table 254',
        'host fd00:172:18::10/128 dev veth0123456789a table 254',
      ],
    );
    assertGolden(new URL('testdata/e4.golden.json', import.meta.url), plan);
    assert.ok(itemsOf(plan, 'sysctl').includes('pod net/ipv6/conf/veth0/disable_ipv6=0'));
    assert.ok(itemsOf(plan, 'neighbour').includes('host fd00:172:18::10 dev veth0123456789a'));
  });
  it('leaves the host alone with rp_filter.set_host false', () => {
    const sysctls = itemsOf(chain({ config: { rp_filter: { set_host: false, value: 1 } } }).plan, 'sysctl');
    assert.deepEqual(sysctls, [
      'host net/ipv6/conf/veth0123456789a/accept_ra=0',
      'pod net/ipv4/conf/all/rp_filter=1',
      'pod net/ipv4/conf/default/rp_filter=1',
      'pod net/ipv4/conf/eth0/rp_filter=1',
      'pod net/ipv4/conf/veth0/rp_filter=1',
    ]);
  });
  it('writes no setting of IPv6 on a host without it', () => {
    const addresses = host.addresses.filter(fact => !fact.address.includes(':'));
    const sysctls = itemsOf(chain({ facts: { host: { ...host, addresses }, pod } }).plan, 'sysctl');
    assert.ok(!sysctls.some(text => text.includes('ipv6')));
  });
  it("leaves the route to the pod's own subnet alone when that is hijacked", () => {
    const { plan } = chain({ config: { additional_hijack_subnet: ['172.18.0.0/16', '0.0.0.0/0'] } });
    assert.ok(!itemsOf(plan, 'route').some(text => text.includes('172.18.0.0/16') || text.includes('0.0.0.0/0')));
  });
  it('echoes the previous result with skip_call', () => {
    const { plan } = chain({ config: { skip_call: true } });
    assert.deepEqual(plan.wiring, []);
    assert.deepEqual(
      plan.result.interfaces.map(link => link.name),
      ['eth0'],
    );
  });
});

describe('veth.plan() refuses', () => {
  const config = veth.parse({ type: 'veth', ...subnets });
  const result: CniResult = {
    interfaces: [{ name: 'eth0', sandbox: attachment.netns }],
    ips: [{ address: '172.18.0.10/16', interface: 0 }],
    routes: [],
    dns: {},
  };
  const eth0 = { ifindex: 5, name: 'eth0', mtu: 1500, isUp: true, isLoopback: false };
  const withNic: Facts = { host, pod: { ...pod, links: [...pod.links, eth0] } };

  it('to stand first in a chain', () => {
    assert.throws(() => veth.plan({ config, attachment, facts: withNic }), {
      code: 'NOT_CHAINED',
      message: /^Cannot plan veth on "eth0": there is no prevResult, expected a plugin before it/,
    });
  });
  it('a previous result without an address of the interface', () => {
    const ips = [{ address: '10.0.0.1/24', interface: 1 }];
    const prevResult = { ...result, interfaces: [...result.interfaces, { name: 'veth1' }], ips };
    assert.throws(() => veth.plan({ config, attachment, facts: withNic, prevResult }), { code: 'NO_ADDRESS' });
  });
  it('an interface that the pod has not', () => {
    assert.throws(() => veth.plan({ config, attachment, facts, prevResult: result }), {
      code: 'INTERFACE_MISSING',
      message: 'Cannot plan veth on "eth0": the pod has no such interface, expected one made earlier in the chain',
    });
  });
  it('a pod at an address of the host', () => {
    const prevResult = { ...result, ips: [{ address: '172.18.0.2/16', interface: 0 }] };
    assert.throws(() => veth.plan({ config, attachment, facts: withNic, prevResult }), {
      code: 'NO_HOST_PATH',
      message: /172.18.0.2, the pod's address, is one of the host's own/,
    });
  });
  it('a pod that the host has no route to', () => {
    const lost = { ...withNic, host: { ...host, routes: [] } };
    assert.throws(() => veth.plan({ config, attachment, facts: lost, prevResult: result }), {
      code: 'NO_HOST_PATH',
      message: /the host has no route to 172.18.0.10/,
    });
  });
});

describe('veth.plan() for a later NIC of a pod', () => {
  const vlanLink = { ifindex: 3, name: 'eth0.100', mtu: 1500, isUp: true, isLoopback: false };
  const vlanRoute = { family: 4, dst: '172.100.0.0/16', dev: 'eth0.100', src: '172.100.0.2', table: 254 } as const;
  const twoNets: NsFacts = {
    ...host,
    links: [...host.links, vlanLink],
    addresses: [...host.addresses, { dev: 'eth0.100', address: '172.100.0.2/16', scope: 'universe' }],
    routes: [...host.routes, { ...vlanRoute, scope: 'link', protocol: 2 }],
  };
  const first = () => chain({ facts: { host: twoNets, pod } }).facts;
  const net1 = { ...attachment, ifname: 'net1' };
  const second: Given = {
    master: 'eth0.100',
    attachment: net1,
    ipam: { ips: [{ address: '172.100.0.10/16', gateway: '172.100.0.1' }], routes: [], dns: {} },
  };

  it('gives the wiring of the golden file', () => {
    const { plan } = chain({ ...second, facts: first() });
    assertGolden(new URL('testdata/e3a.golden.json', import.meta.url), plan);
  });
  it('reports no interface twice', () => {
    const { result } = chain({ ...second, facts: first() }).plan;
    assert.deepEqual(
      result.interfaces.map(link => link.name),
      ['net1'],
    );
  });
  it('adds no rule and moves nothing with migrate_route 0', () => {
    const { plan } = chain({ ...second, facts: first(), config: { migrate_route: 0 } });
    assert.deepEqual(itemsOf(plan, 'rule'), []);
    assert.ok(!itemsOf(plan, 'route').some(text => text.includes('172.100.0.0/16')));
  });
  it('moves a default route to the table in one go, and leaves the one of the first NIC', () => {
    const moving: Given = {
      ...second,
      ipam: { ips: [{ address: '172.100.0.10/16', gateway: '172.100.0.1' }], routes: [{ dst: '0.0.0.0/0' }], dns: {} },
    };
    const { plan, wiring } = chain({ ...moving, facts: first() });
    assertGolden(new URL('testdata/e3a-default.golden.json', import.meta.url), plan);
    const defaults = wiring.filter(item => item.kind === 'route' && item.dst === '0.0.0.0/0');
    assert.deepEqual(defaults.map(show), [
      'pod 0.0.0.0/0 via 172.100.0.1 dev net1 table 254',
      'pod 0.0.0.0/0 via 172.100.0.1 dev net1 table 100',
    ]);
    const changes = diff(wiring, first()).flatMap(({ op, item }) =>
      item.kind === 'route' && item.dst === '0.0.0.0/0' ? [`${op} table ${item.table ?? 254}`] : [],
    );
    assert.deepEqual(changes, ['keep table 254', 'create table 100']);
  });
  it('takes its way out of an IPv6 default route that has several', () => {
    const made = first();
    const common = { family: 6, dst: '::/0', table: 254, scope: 'universe', protocol: 3, metric: 1024 } as const;
    const nexthops = [
      { dev: 'eth0', via: 'fd00:172:18::1', weight: 1 },
      { dev: 'net1', via: 'fd00:172:100::1', weight: 1 },
    ];
    const link = { ifindex: 50, name: 'net1', mtu: 1500, isUp: true, isLoopback: false };
    const withDefault: NsFacts = {
      ...made.pod,
      links: [...made.pod.links, link],
      routes: [...made.pod.routes, { ...common, nexthops }],
    };
    const prevResult: CniResult = {
      interfaces: [{ name: 'net1', sandbox: attachment.netns }],
      ips: [{ address: '172.100.0.10/16', interface: 0 }],
      routes: [],
      dns: {},
    };
    const config = veth.parse({ type: 'veth', ...subnets });
    const { wiring } = veth.plan({
      config,
      attachment: net1,
      prevResult,
      facts: { host: made.host, pod: withDefault },
    });
    const absent = wiring.filter(item => item.kind === 'absent');
    assert.deepEqual(
      absent.map(({ what }) => what),
      [
        {
          kind: 'route',
          place: 'pod',
          dst: '::/0',
          dev: 'net1',
          via: 'fd00:172:100::1',
          scope: 'universe',
          metric: 1024,
          protocol: 3,
        },
      ],
    );
    assert.equal(compare(absent, { host: made.host, pod: withDefault }).length, 1);
  });
  it('refuses a name that gives no table', () => {
    for (const ifname of ['lan0', 'net0', 'net01', 'net154']) {
      assert.throws(() => chain({ ...second, facts: first(), attachment: { ...attachment, ifname } }), {
        code: 'PLAN_UNSUPPORTED',
        message: new RegExp(`^Cannot plan veth on "${ifname}": .*expected "net1" to "net153"$`),
      });
    }
  });
  it("refuses a pair whose host's end is gone", () => {
    const made = first();
    const links = made.host.links.filter(link => !link.name.startsWith('veth'));
    assert.throws(() => chain({ ...second, facts: { ...made, host: { ...made.host, links } } }), {
      code: 'INTERFACE_MISSING',
      message: /the host has no "veth0123456789a", the other end/,
    });
  });
});
