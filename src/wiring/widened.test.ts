import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Facts, RouteFact } from '#facts';
import { compare } from './compare.ts';
import { diff } from './diff.ts';
import { overlayWiring } from './overlay.ts';
import { plainFacts, spareMac } from './testing.ts';
import { describeItem, formatChange, formatItem } from './trace.ts';
import type { AbsentItem, LinkItem, RouteItem, Wiring, WiringItem } from './wiring.ts';

const route: RouteItem = { kind: 'route', place: 'pod', dst: '0.0.0.0/0', via: '10.1.0.1', dev: 'net1' };
const absent: AbsentItem = { kind: 'absent', place: 'pod', what: route };
const moved: LinkItem = {
  kind: 'link',
  place: 'pod',
  name: 'net1',
  link: { type: 'moved', from: 'spare0', fromPlace: 'host', address: spareMac(0), deviceKind: 'veth' },
  isUp: true,
};

function withRoutes(...routes: readonly Partial<RouteFact>[]): Facts {
  const common = { family: 4, dst: '0.0.0.0/0', table: 254, scope: 'universe', protocol: 4 } as const;
  return { ...plainFacts, pod: { ...plainFacts.pod, routes: routes.map(each => ({ ...common, ...each })) } };
}

describe('an absent route', () => {
  const ours = { via: '10.1.0.1', dev: 'net1' };
  const others = { via: '10.9.0.1', dev: 'eth0' };

  test('is kept where nothing is, and is told to the last field where it is', () => {
    assert.deepEqual(diff([absent], withRoutes(others)), [{ op: 'keep', item: absent }]);
    const previous = { ...route, table: 254, scope: 'universe', protocol: 4 };
    assert.deepEqual(diff([absent], withRoutes(others, ours)), [{ op: 'replace', item: absent, previous }]);
  });

  test('takes an item before it back: neither made nor missed, and what stood in its place is not replaced', () => {
    const wiring: Wiring = [route, absent];
    assert.deepEqual(
      diff(wiring, withRoutes(others)).map(({ op }) => op),
      ['keep', 'keep'],
    );
    assert.deepEqual(compare(wiring, withRoutes(others)), []);
    const again: Wiring = [absent, route];
    assert.deepEqual(
      diff(again, withRoutes()).map(({ op }) => op),
      ['keep', 'create'],
    );
  });

  test('takes back nothing of another place, device, table or metric', () => {
    const near: readonly RouteItem[] = [
      { ...route, place: 'host' },
      { ...route, dev: 'net2' },
      { ...route, table: 100 },
      { ...route, metric: 5 },
      { ...route, via: '10.1.0.2' },
    ];
    for (const item of near) assert.equal(diff([item, absent], withRoutes())[0]?.op, 'create');
  });

  test('is a difference while it is there', () => {
    assert.deepEqual(
      compare([absent], withRoutes(ours)).map(({ message }) => message),
      ['no route 0.0.0.0/0 via 10.1.0.1 dev net1 in the pod is not as planned: it is there, expected none'],
    );
    assert.deepEqual(overlayWiring(withRoutes(others, ours), [absent]).pod.routes, withRoutes(others).pod.routes);
  });

  test('finds its way out of an IPv6 route that has several', () => {
    const what: RouteItem = { ...route, dst: '::/0', via: 'fd00::1' };
    const nexthops = [
      { dev: 'eth0', via: 'fd00::9', weight: 1 },
      { dev: 'net1', via: 'fd00::1', weight: 1 },
    ];
    const facts = withRoutes({ family: 6, dst: '::/0', metric: 1024, nexthops });
    const [change] = diff([{ ...absent, what }], facts);
    assert.ok(change?.op === 'replace' && change.previous.kind === 'route');
    assert.deepEqual([change.previous.dev, change.previous.via], ['net1', 'fd00::1']);
  });
});

describe('a route with several gateways', () => {
  const shared: WiringItem = {
    kind: 'route',
    place: 'pod',
    dst: '0.0.0.0/0',
    via: '10.1.0.1',
    moreVias: ['10.1.0.2'],
    dev: 'net1',
  };
  test('is found in whatever order the kernel tells its ways, and replaced where a way is missing', () => {
    const facts = overlayWiring(plainFacts, [{ ...shared, via: '10.1.0.2', moreVias: ['10.1.0.1'] }]);
    assert.deepEqual(
      facts.pod.routes[0]?.nexthops?.map(hop => hop.via),
      ['10.1.0.2', '10.1.0.1'],
    );
    assert.equal(diff([shared], facts)[0]?.op, 'keep');
    assert.equal(diff([{ ...shared, moreVias: ['10.1.0.3'] }], facts)[0]?.op, 'replace');
    const [change] = diff([{ kind: 'absent', place: 'pod', what: shared }], facts);
    assert.ok(change?.op === 'replace' && change.previous.kind === 'route');
    assert.deepEqual([change.previous.via, change.previous.moreVias], ['10.1.0.2', ['10.1.0.1']]);
    assert.deepEqual(overlayWiring(facts, [{ kind: 'absent', place: 'pod', what: shared }]).pod.routes, []);
  });
  test('is spelt with its ways last, as ip wants them', () => {
    assert.equal(
      formatItem({ ...shared, metric: 7 }),
      'ip -n pod route add 0.0.0.0/0 metric 7 nexthop via 10.1.0.1 dev net1 nexthop via 10.1.0.2 dev net1',
    );
  });
});

describe('an absent address', () => {
  test('takes its connected route along', () => {
    const what = { kind: 'address', place: 'host', dev: 'up0', address: '172.18.0.2/16' } as const;
    const { host } = overlayWiring(plainFacts, [{ kind: 'absent', place: 'host', what }]);
    assert.deepEqual([host.addresses, host.routes], [[], []]);
  });
});

describe('a moved device', () => {
  test('is replaced by what it was on the host, and kept once it has come', () => {
    const [change] = diff([moved], plainFacts);
    assert.deepEqual(change, {
      op: 'replace',
      item: moved,
      previous: { kind: 'link', place: 'host', name: 'spare0', link: { type: 'existing' }, isUp: true },
    });
    const after = overlayWiring(plainFacts, [moved]);
    assert.equal(
      after.host.links.find(link => link.name === 'spare0'),
      undefined,
    );
    assert.equal(after.pod.links.find(link => link.name === 'net1')?.mac, spareMac(0));
    assert.deepEqual(diff([moved], after), [{ op: 'keep', item: moved }]);
    assert.equal(compare([moved], plainFacts).length, 1);
  });

  test('is missed where another device has its name, and refused where another has the one in the pod', () => {
    const [first, ...rest] = plainFacts.host.links;
    assert.ok(first !== undefined);
    const links = [first, ...rest.map(link => (link.name === 'spare0' ? { ...link, mac: spareMac(9) } : link))];
    assert.throws(() => diff([moved], { ...plainFacts, host: { ...plainFacts.host, links } }), {
      code: 'LINK_MISSING',
      message: 'Cannot move link "spare0" on the host to "net1": no such link',
    });
    const other = { ifindex: 99, name: 'net1', mac: spareMac(9), mtu: 1500, isUp: true, isLoopback: false };
    const pod = { ...plainFacts.pod, links: [...plainFacts.pod.links, other] };
    assert.throws(() => diff([moved], { ...plainFacts, pod }), { code: 'LINK_EXISTS' });
  });
});

describe('the trace', () => {
  test('spells the kinds of links, what is taken away, and metrics', () => {
    const upon = { master: 'up0', masterPlace: 'host' } as const;
    const link = { kind: 'link', place: 'pod', name: 'eth0', isUp: true } as const;
    const items: readonly WiringItem[] = [
      { ...link, link: { type: 'ipvlan', ...upon, mode: 'l3s' } },
      { ...link, link: { type: 'vlan', ...upon, id: 7, protocol: '802.1ad' }, mtu: 1400 },
      { ...link, link: { type: 'dummy' } },
      { ...link, place: 'host', link: { type: 'bridge', hasVlanFiltering: true }, isPromiscuous: true },
      {
        ...link,
        place: 'host',
        link: { type: 'existing' },
        bridge: 'br0',
        isHairpin: true,
        vlans: [{ id: 5 }, { id: 6 }],
      },
      { ...route, mtu: 1400, advmss: 1300 },
      absent,
    ];
    assert.deepEqual(items.map(formatItem), [
      'ip -n pod link add eth0 link up0 (host) up type ipvlan mode l3s bridge',
      'ip -n pod link add eth0 link up0 (host) up mtu 1400 type vlan protocol 802.1ad id 7',
      'ip -n pod link add eth0 up type dummy',
      'ip link add eth0 up promisc on type bridge vlan_filtering 1',
      'ip link set eth0 up master br0 hairpin on vlans 5,6',
      'ip -n pod route add 0.0.0.0/0 via 10.1.0.1 dev net1 mtu 1400 advmss 1300',
      'ip -n pod route delete 0.0.0.0/0 via 10.1.0.1 dev net1',
    ]);
    assert.equal(describeItem(absent), 'no route 0.0.0.0/0 via 10.1.0.1 dev net1');
    const [change] = diff([moved], plainFacts);
    assert.ok(change !== undefined);
    assert.equal(formatChange(change), 'ip link set spare0 netns pod name net1 up # was: link spare0 up');
  });
});
