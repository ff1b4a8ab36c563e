import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { overlayWiring } from './overlay.ts';
import { attachmentShapes, macvlanAndVeth, plainFacts, wiringOf } from './testing.ts';
import type { Wiring } from './wiring.ts';

describe('overlayWiring()', () => {
  test('shows a later plugin the links, with their master and their peer', () => {
    const { host, pod } = overlayWiring(plainFacts, macvlanAndVeth);
    const [eth0, veth0] = ['eth0', 'veth0'].map(name => pod.links.find(link => link.name === name));
    const peer = host.links.find(link => link.name === 'vethabcdef01234');
    assert.equal(eth0?.linkIfindex, 2);
    assert.equal(eth0?.mtu, 1500);
    assert.equal(eth0?.kind, 'macvlan');
    assert.equal(veth0?.linkIfindex, peer?.ifindex);
    assert.equal(peer?.linkIfindex, veth0?.ifindex);
    const all = [...host.links, ...pod.links].filter(link => link.name !== 'lo');
    assert.equal(new Set(all.map(link => link.ifindex)).size, all.length);
  });

  test('adds the connected route as the kernel makes it', () => {
    const { routes } = overlayWiring(plainFacts, macvlanAndVeth).pod;
    assert.deepEqual(
      routes.find(route => route.dst === '172.18.0.0/16'),
      { family: 4, dst: '172.18.0.0/16', dev: 'eth0', src: '172.18.0.10', table: 254, scope: 'link', protocol: 2 },
    );
  });

  test('adds no connected route for an IPv4 /32, one with metric 256 for IPv6', () => {
    const wiring: Wiring = [
      { kind: 'address', place: 'host', dev: 'up0', address: '10.9.9.9/32' },
      { kind: 'address', place: 'host', dev: 'up0', address: 'fd00::9/64' },
    ];
    const added = overlayWiring(plainFacts, wiring).host.routes.slice(plainFacts.host.routes.length);
    assert.deepEqual(added, [
      { family: 6, dst: 'fd00::/64', dev: 'up0', table: 254, scope: 'universe', protocol: 2, metric: 256 },
    ]);
  });

  test('adds the connected route only once the link is up', () => {
    const address = { kind: 'address', place: 'pod', dev: 'lo', address: '10.7.0.1/24' } as const;
    const up = { kind: 'link', place: 'pod', name: 'lo', link: { type: 'existing' }, isUp: true } as const;
    assert.deepEqual(overlayWiring(plainFacts, [address]).pod.routes, []);
    assert.equal(overlayWiring(plainFacts, [address, up]).pod.routes.length, 1);
    assert.equal(overlayWiring(plainFacts, [up, address]).pod.routes.length, 1);
  });

  test('makes no second connected route for a second address of a subnet', () => {
    const second = { kind: 'address', place: 'host', dev: 'up0', address: '172.18.0.3/16' } as const;
    assert.deepEqual(overlayWiring(plainFacts, [second]).host.routes, plainFacts.host.routes);
  });

  test('leaves the facts that it got as they were', () => {
    const before = structuredClone(plainFacts);
    overlayWiring(plainFacts, macvlanAndVeth);
    assert.deepEqual(plainFacts, before);
  });

  test('twice is the same as once', () => {
    fc.assert(
      fc.property(fc.array(attachmentShapes, { maxLength: 4 }), shapes => {
        const wiring = shapes.flatMap(wiringOf);
        const once = overlayWiring(plainFacts, wiring);
        assert.deepEqual(sorted(overlayWiring(once, wiring)), sorted(once));
      }),
    );
  });
});

/** Tables of the kernel are sets. */
function sorted(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, each: unknown) =>
    Array.isArray(each) ? each.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : each,
  );
}
