import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AddressFact } from '#netlink';
import { sourceFor } from './source-for.ts';
import { facts, link, route } from './testing.ts';

const addresses: readonly AddressFact[] = [
  { dev: 'lo', address: '127.0.0.1/8', scope: 'host' },
  { dev: 'eth0', address: '172.18.0.2/16', scope: 'universe' },
  { dev: 'eth1', address: '10.1.0.5/24', scope: 'universe' },
  { dev: 'eth0', address: 'fd00::2/64', scope: 'universe' },
];
const node = facts({
  links: [link(1, 'lo'), link(2, 'eth0'), link(3, 'eth1'), link(4, 'down0', { isUp: false }), link(5, 'bare0')],
  addresses,
  routes: [
    route('0.0.0.0/0', 'eth0', { via: '172.18.0.1' }),
    route('172.18.0.0/16', 'eth0', { src: '172.18.0.2' }),
    route('10.1.0.0/24', 'eth1', { src: '10.1.0.5' }),
    route('10.9.0.0/16', 'eth1', { via: '10.1.0.1', metric: 20 }),
    route('10.9.0.0/16', 'eth0', { via: '172.18.0.1', metric: 10 }),
    route('10.9.9.0/24', 'down0'),
    route('10.8.0.0/16', 'bare0'),
    route('10.7.0.0/16', undefined),
    route('192.0.2.0/24', 'eth1', { table: 100 }),
    route('fd00::/64', 'eth0', { metric: 256 }),
  ],
});

for (const [address, expected, why] of [
  ['172.18.0.10', { dev: 'eth0', src: '172.18.0.2' }, 'the connected route and its source'],
  [
    '8.8.8.8',
    { dev: 'eth0', src: '172.18.0.2' },
    'the default route, with the address that shares the network of the gateway',
  ],
  ['10.1.0.77', { dev: 'eth1', src: '10.1.0.5' }, 'the longest prefix'],
  ['10.9.0.1', { dev: 'eth0', src: '172.18.0.2' }, 'the lower metric'],
  ['10.9.9.1', { dev: 'eth0', src: '172.18.0.2' }, 'a route over a link that is up'],
  ['10.8.0.1', { dev: 'bare0', src: '172.18.0.2' }, 'an address of another link when the device has none'],
  ['10.7.0.1', undefined, 'no way through a route without a device, though the default route would lead there'],
  ['192.0.2.1', { dev: 'eth0', src: '172.18.0.2' }, 'the main table only'],
  ['172.18.0.2', { dev: 'lo', src: '172.18.0.2' }, 'lo for an own address'],
  ['fd00::9', { dev: 'eth0', src: 'fd00::2' }, 'IPv6 by its own routes'],
  ['FD00:0::2', { dev: 'lo', src: 'fd00::2' }, 'an own address in any spelling'],
  ['2001:db8::1', undefined, 'nothing without a route'],
  ['not-an-address', undefined, 'nothing for what is no address'],
] as const) {
  test(`sourceFor() ${address} gives ${why}`, () => {
    assert.deepEqual(sourceFor(node, address), expected);
  });
}
