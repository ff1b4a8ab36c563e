import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KernelEvent, RouteFact } from '#netlink';
import { createFactsTable, type FactsTable } from './facts-table.ts';
import { facts, link, route } from './testing.ts';

const eth0 = link(2, 'eth0');
const rule = { family: 4, priority: 500, table: 1000 } as const;
const start = facts({
  links: [link(1, 'lo'), eth0],
  addresses: [{ dev: 'eth0', address: '10.0.0.1/24', scope: 'universe' }],
  routes: [route('10.0.0.0/24', 'eth0', { src: '10.0.0.1' }), route('0.0.0.0/0', 'eth0', { via: '10.0.0.9' })],
  rules: [{ family: 4, priority: 32_766, table: 254 }],
});

function table(): FactsTable {
  const made = createFactsTable();
  assert.equal(made.replace(start), true);
  return made;
}

function routeEvent(
  fact: RouteFact,
  ifindex: number,
  more: { isGone?: boolean; isReplace?: boolean } = {},
): KernelEvent {
  const { dev: _dev, nexthops: _nexthops, ...record } = fact;
  return { kind: 'route', isGone: false, isReplace: false, ...more, route: { ...record, ifindex } };
}

describe('apply()', () => {
  test('takes over what is new and forgets what has gone', () => {
    const made = table();
    const added = route('10.9.0.0/16', 'eth0', { via: '10.0.0.2' });
    assert.equal(made.apply(routeEvent(added, 2)), 'changed');
    assert.deepEqual(made.snapshot().routes.at(-1), added);
    assert.equal(made.apply(routeEvent(added, 2, { isGone: true })), 'changed');
    assert.equal(made.apply({ kind: 'rule', isGone: false, rule }), 'changed');
    assert.deepEqual(made.snapshot().rules, [rule, ...start.rules]);
    assert.equal(made.apply({ kind: 'rule', isGone: true, rule }), 'changed');
    assert.deepEqual(made.snapshot(), start);
  });

  test('is "same", and leaves the snapshot as it is, for what is known already', () => {
    const made = table();
    const before = made.snapshot();
    assert.equal(made.apply({ kind: 'link', isGone: false, link: { ...eth0 } }), 'same');
    assert.equal(
      made.apply({
        kind: 'address',
        isGone: false,
        address: { ifindex: 2, address: '10.0.0.1/24', scope: 'universe' },
      }),
      'same',
    );
    assert.equal(made.apply(routeEvent(route('0.0.0.0/0', 'eth0', { via: '10.0.0.9' }), 2)), 'same');
    assert.equal(made.apply({ kind: 'link', isGone: true, link: link(7, 'gone0') }), 'same');
    assert.equal(made.snapshot(), before);
  });

  test('forgets addresses and routes of a link with the link', () => {
    const made = table();
    assert.equal(made.apply({ kind: 'link', isGone: true, link: eth0 }), 'changed');
    assert.deepEqual(made.snapshot(), facts({ links: [link(1, 'lo')], rules: start.rules }));
  });

  test('drops the IPv4 routes of a link that goes down, as the kernel does without a word', () => {
    const made = table();
    const kept: readonly RouteFact[] = [
      { ...route('10.7.0.0/16', 'eth0'), scope: 'host' },
      route('10.8.0.0/16', 'eth1'),
      { ...route('fd00::/64', 'eth0'), family: 6 },
    ];
    made.replace({ ...start, links: [...start.links, link(3, 'eth1')], routes: [...start.routes, ...kept] });
    assert.equal(made.apply({ kind: 'link', isGone: false, link: { ...eth0, isUp: false } }), 'changed');
    assert.deepEqual(made.snapshot().routes, kept);
  });

  test('asks to be read anew for a link with a share in a multipath route that goes down', () => {
    const made = table();
    const { dev: _dev, ...shared } = route('10.9.0.0/16', 'eth0');
    made.replace({
      ...start,
      routes: [
        {
          ...shared,
          nexthops: [
            { dev: 'eth0', weight: 1 },
            { dev: 'eth1', weight: 1 },
          ],
        },
      ],
    });
    assert.equal(made.apply({ kind: 'link', isGone: false, link: { ...eth0, isUp: false } }), 'unknown');
  });

  const unknown: Readonly<Record<string, KernelEvent>> = {
    'a link under another name': { kind: 'link', isGone: false, link: { ...eth0, name: 'wan0' } },
    'an address that routes use as source': {
      kind: 'address',
      isGone: true,
      address: { ifindex: 2, address: '10.0.0.1/24', scope: 'universe' },
    },
    'a route that replaces another': routeEvent(route('0.0.0.0/0', 'eth0', { via: '10.0.0.8' }), 2, {
      isReplace: true,
    }),
    'a multipath route where there was a single one': {
      kind: 'route',
      isGone: false,
      isReplace: false,
      route: { family: 4, dst: '0.0.0.0/0', table: 254, scope: 'universe', protocol: 3 },
    },
    'a route that goes without having been there': routeEvent(route('10.5.0.0/16', 'eth0'), 2, { isGone: true }),
    'a rule that goes without having been there': { kind: 'rule', isGone: true, rule },
    'a rule that comes twice': { kind: 'rule', isGone: false, rule: { family: 4, priority: 32_766, table: 254 } },
    'an address of a link that nobody has told of': {
      kind: 'address',
      isGone: false,
      address: { ifindex: 9, address: '10.5.0.1/24', scope: 'universe' },
    },
  };
  for (const [name, event] of Object.entries(unknown)) {
    test(`asks to be read anew for ${name}`, () => assert.equal(table().apply(event), 'unknown'));
  }

  test('keeps routes apart that differ in nothing but the device', () => {
    const made = table();
    const twin = route('10.0.0.0/24', 'eth1', { src: '10.0.0.1' });
    made.apply({ kind: 'link', isGone: false, link: link(3, 'eth1') });
    assert.equal(made.apply(routeEvent(twin, 3)), 'changed');
    assert.deepEqual(made.snapshot().routes, [...start.routes, twin]);
    assert.equal(made.apply(routeEvent(twin, 3, { isGone: true })), 'changed');
    assert.deepEqual(made.snapshot().routes, start.routes);
  });
});

test('replace() tells whether anything differs', () => {
  const made = table();
  assert.equal(made.replace({ ...start, routes: [...start.routes] }), false);
  assert.equal(made.replace({ ...start, routes: [] }), true);
});
