import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Facts, LinkFact, NsFacts } from '#facts';
import { diff } from './diff.ts';
import { overlayWiring } from './overlay.ts';
import { attachmentShapes, macvlanAndVeth, plainFacts, uplink, wiringOf } from './testing.ts';
import type { Change, LinkItem, RouteItem, Wiring, WiringItem } from './wiring.ts';

describe('diff()', () => {
  test('creates everything, in order, where nothing is', () => {
    assert.deepEqual(
      diff(macvlanAndVeth, plainFacts),
      macvlanAndVeth.map(item => ({ op: 'create', item })),
    );
  });

  test('keeps everything once it is there', () => {
    const after = overlayWiring(plainFacts, macvlanAndVeth);
    assert.deepEqual(
      diff(macvlanAndVeth, after),
      macvlanAndVeth.map(item => ({ op: 'keep', item })),
    );
  });

  test('keeps the connected route that an address of the same wiring brings', () => {
    const [link, address] = macvlanAndVeth;
    assert.ok(link !== undefined && address !== undefined);
    const connected: RouteItem = { kind: 'route', place: 'pod', dst: '172.18.0.0/16', dev: 'eth0', src: '172.18.0.10' };
    assert.deepEqual(
      diff([link, address, connected], plainFacts).map(change => change.op),
      ['create', 'create', 'keep'],
    );
  });

  test('replaces a route of the same destination, table and metric, and tells the previous one to the last field', () => {
    const facts = withPod({
      routes: [
        { family: 4, dst: '0.0.0.0/0', via: '10.0.0.1', dev: 'net9', table: 254, scope: 'universe', protocol: 4 },
        {
          family: 4,
          dst: '0.0.0.0/0',
          via: '10.0.0.9',
          dev: 'net9',
          table: 254,
          scope: 'universe',
          protocol: 4,
          metric: 9,
        },
        { family: 4, dst: '0.0.0.0/0', via: '10.0.0.9', dev: 'net9', table: 100, scope: 'universe', protocol: 4 },
      ],
    });
    const item: RouteItem = { kind: 'route', place: 'pod', dst: '0.0.0.0/0', via: '172.18.0.1', dev: 'eth0' };
    const previous: RouteItem = {
      kind: 'route',
      place: 'pod',
      dst: '0.0.0.0/0',
      via: '10.0.0.1',
      dev: 'net9',
      table: 254,
      scope: 'universe',
      protocol: 4,
    };
    assert.deepEqual(diff([item], facts), [{ op: 'replace', item, previous }]);
  });

  test('takes the IPv6 metric that the kernel gives for none', () => {
    const facts = withPod({
      routes: [
        {
          family: 6,
          dst: '::/0',
          via: 'fd00::1',
          dev: 'eth0',
          table: 254,
          scope: 'universe',
          protocol: 3,
          metric: 1024,
        },
      ],
    });
    const item: RouteItem = { kind: 'route', place: 'pod', dst: '::/0', via: 'fd00::1', dev: 'eth0' };
    assert.deepEqual(diff([item], facts), [{ op: 'keep', item }]);
  });

  test('ignores the bits behind a prefix length, as the kernel does', () => {
    const facts = withPod({
      routes: [{ family: 4, dst: '10.96.0.0/12', dev: 'a', table: 254, scope: 'link', protocol: 3 }],
      rules: [{ family: 4, priority: 5, to: '172.18.0.0/16', table: 100 }],
    });
    const wiring: Wiring = [
      { kind: 'route', place: 'pod', dst: '10.97.0.1/12', dev: 'a' },
      { kind: 'rule', place: 'pod', family: 4, priority: 5, to: '172.18.0.20/16', table: 100 },
    ];
    assert.deepEqual(
      diff(wiring, facts).map(change => change.op),
      ['keep', 'keep'],
    );
  });

  test('replaces a permanent neighbour, but just overwrites a learned one', () => {
    const item: WiringItem = {
      kind: 'neighbour',
      place: 'host',
      dev: 'up0',
      address: '172.18.0.9',
      lladdr: 'aa:aa:aa:aa:aa:aa',
    };
    const stale = { family: 4 as const, address: '172.18.0.9', dev: 'up0', lladdr: 'bb:bb:bb:bb:bb:bb' };
    assert.deepEqual(diff([item], withHost({ neighbours: [{ ...stale, isPermanent: true }] })), [
      { op: 'replace', item, previous: { ...item, lladdr: stale.lladdr } },
    ]);
    assert.deepEqual(diff([item], withHost({ neighbours: [{ ...stale, isPermanent: false }] })), [
      { op: 'create', item },
    ]);
    const learned = { ...stale, lladdr: item.lladdr, isPermanent: false };
    assert.deepEqual(diff([item], withHost({ neighbours: [learned] })), [{ op: 'create', item }]);
  });

  test('replaces a sysctl of another value and creates one whose link is still to come', () => {
    const item: WiringItem = { kind: 'sysctl', place: 'host', path: 'net/ipv4/ip_forward', value: '1' };
    assert.deepEqual(diff([item], withHost({ sysctls: { [item.path]: '0\n' } })), [
      { op: 'replace', item, previous: { ...item, value: '0' } },
    ]);
    assert.deepEqual(diff([item], plainFacts), [{ op: 'create', item }]);
    const range: WiringItem = {
      kind: 'sysctl',
      place: 'host',
      path: 'net/ipv4/ip_local_port_range',
      value: '1024 65000',
    };
    assert.deepEqual(diff([range], withHost({ sysctls: { [range.path]: '1024\t65000' } })), [
      { op: 'keep', item: range },
    ]);
  });

  test('tells rules apart by every selector', () => {
    const rule = { kind: 'rule', place: 'host', family: 4, priority: 7, table: 9 } as const;
    const wanted: Wiring = [
      rule,
      { ...rule, from: '10.0.0.1/32' },
      { ...rule, to: '10.0.0.1/32' },
      { ...rule, iif: 'up0' },
      { ...rule, fwmark: 1 },
      { ...rule, fwmark: 1, fwmask: 1 },
      { ...rule, family: 6 },
      { ...rule, priority: 8 },
      { ...rule, table: 10 },
    ];
    for (const there of wanted) {
      const { kind: _kind, place: _place, shared: _shared, ...fact } = there as typeof rule & { shared?: string };
      assert.deepEqual(
        diff(wanted, withHost({ rules: [fact] })).flatMap(change => (change.op === 'keep' ? [change.item] : [])),
        [there],
      );
    }
  });

  test('replaces the state of a link that is there, and tells what it was', () => {
    const item: LinkItem = {
      kind: 'link',
      place: 'host',
      name: 'up0',
      link: { type: 'existing' },
      isUp: true,
      bridge: 'br0',
    };
    const bridges = [
      { ...uplink, ifindex: 8, name: 'br0', kind: 'bridge' },
      { ...uplink, ifindex: 9, name: 'br1', kind: 'bridge' },
    ];
    const unbridged = { kind: 'link', place: 'host', name: 'up0', link: { type: 'existing' } };
    assert.deepEqual(diff([item], withHost({ links: [{ ...uplink, isUp: false }, ...bridges] })), [
      { op: 'replace', item, previous: { ...unbridged, isUp: false } },
    ]);
    assert.deepEqual(diff([item], withHost({ links: [{ ...uplink, masterIfindex: 9 }, ...bridges] })), [
      { op: 'replace', item, previous: { ...unbridged, isUp: true, bridge: 'br1' } },
    ]);
    assert.deepEqual(diff([item], withHost({ links: [{ ...uplink, masterIfindex: 8 }, ...bridges] })), [
      { op: 'keep', item },
    ]);
  });

  test('brings the veth that somebody has set down up again', () => {
    const wiring = macvlanAndVeth.filter(item => item.kind === 'link' && item.link.type === 'veth');
    const after = overlayWiring(plainFacts, wiring);
    const links = after.host.links.map(link => (link.kind === 'veth' ? { ...link, isUp: false } : link));
    const [change] = diff(wiring, { ...after, host: { ...after.host, links } });
    assert.ok(change?.op === 'replace' && change.previous.kind === 'link' && change.previous.link.type === 'veth');
    assert.equal(change.previous.isUp, true);
    assert.equal(change.previous.link.peer.isUp, false);
  });

  test('says which link has the name when it is not ours', () => {
    const [macvlan] = macvlanAndVeth;
    assert.ok(macvlan !== undefined);
    const ours: LinkFact = {
      ifindex: 7,
      name: 'eth0',
      kind: 'macvlan',
      mac: '0a:58:ac:12:00:0a',
      mtu: 1500,
      isUp: true,
      isLoopback: false,
      linkIfindex: 2,
      linkNetnsid: 0,
      macvlanMode: 'bridge',
    };
    assert.deepEqual(diff([macvlan], withPod({ links: [ours] })), [{ op: 'keep', item: macvlan }]);
    const strangers: [Partial<LinkFact>, RegExp][] = [
      [{ kind: 'veth' }, /"eth0" in the pod is a veth link: kind is veth, expected macvlan/],
      [{ mac: 'aa:aa:aa:aa:aa:aa' }, /mac is aa:aa:aa:aa:aa:aa, expected 0a:58:ac:12:00:0a$/],
      [{ macvlanMode: 'private' }, /mode is private, expected bridge$/],
      [{ linkIfindex: 3 }, /master index is 3, expected 2$/],
    ];
    for (const [change, message] of strangers) {
      assert.throws(() => diff([macvlan], withPod({ links: [{ ...ours, ...change }] })), {
        code: 'LINK_EXISTS',
        message,
      });
    }
  });

  test('refuses half a veth, or one whose other end is another link', () => {
    const veth = macvlanAndVeth.filter(item => item.kind === 'link' && item.link.type === 'veth');
    const after = overlayWiring(plainFacts, veth);
    assert.throws(() => diff(veth, { host: after.host, pod: plainFacts.pod }), {
      code: 'LINK_EXISTS',
      message: /"vethabcdef01234" on the host is a veth link: its other end "veth0" in the pod is missing$/,
    });
    const links = after.pod.links.map(link => ({ ...link, linkIfindex: 99 }));
    assert.throws(() => diff(veth, { host: after.host, pod: { ...after.pod, links } }), { code: 'LINK_EXISTS' });
  });

  test('refuses to change a link that is not there', () => {
    const item: LinkItem = { kind: 'link', place: 'host', name: 'up9', link: { type: 'existing' }, isUp: true };
    assert.throws(() => diff([item], plainFacts), {
      code: 'LINK_MISSING',
      message: 'Cannot set link "up9" on the host: no such link',
    });
  });

  test('gives the recorded change of a shared item to its next user', () => {
    const item: WiringItem = { kind: 'sysctl', place: 'host', path: 'net/ipv4/ip_forward', value: '1', shared: 'fwd' };
    const recorded: Change = { op: 'replace', item, previous: { ...item, value: '0' } };
    const options = { ownShared: new Map([['fwd', recorded]]) };
    assert.deepEqual(diff([item], withHost({ sysctls: { [item.path]: '1' } }), options), [recorded]);
    assert.deepEqual(diff([item], withHost({ sysctls: { [item.path]: '1' } })), [{ op: 'keep', item }]);
  });

  test('repairs a shared item without forgetting what was there before the first user', () => {
    const item: WiringItem = { kind: 'sysctl', place: 'host', path: 'net/ipv4/ip_forward', value: '1', shared: 'fwd' };
    const recorded: Change = { op: 'replace', item, previous: { ...item, value: '0' } };
    const options = { ownShared: new Map([['fwd', recorded]]) };
    assert.deepEqual(diff([item], withHost({ sysctls: { [item.path]: '2' } }), options), [recorded]);
    const bridge: LinkItem = {
      kind: 'link',
      place: 'host',
      name: 'br0',
      link: { type: 'bridge' },
      isUp: true,
      shared: 'br',
    };
    const made: Change = { op: 'create', item: bridge };
    const down = { ...uplink, name: 'br0', kind: 'bridge', isUp: false };
    assert.deepEqual(diff([bridge], withHost({ links: [down] }), { ownShared: new Map([['br', made]]) }), [made]);
  });

  test('creates again a shared item that has vanished, even one that was not ours', () => {
    const item: WiringItem = { kind: 'rule', place: 'host', family: 4, priority: 1, table: 5, shared: 'r' };
    for (const op of ['create', 'keep'] as const) {
      assert.deepEqual(diff([item], plainFacts, { ownShared: new Map([['r', { op, item }]]) }), [
        { op: 'create', item },
      ]);
    }
  });

  test('of any wiring is all keep on the facts that it makes', () => {
    fc.assert(
      fc.property(fc.array(attachmentShapes, { maxLength: 4 }), shapes => {
        const wiring = shapes.flatMap(wiringOf);
        const after = overlayWiring(plainFacts, wiring);
        assert.deepEqual(
          diff(wiring, after),
          wiring.map(item => ({ op: 'keep', item })),
        );
      }),
    );
  });
});

function withPod(ns: Partial<NsFacts>): Facts {
  return { ...plainFacts, pod: { ...plainFacts.pod, ...ns } };
}

function withHost(ns: Partial<NsFacts>): Facts {
  return { ...plainFacts, host: { ...plainFacts.host, ...ns } };
}
