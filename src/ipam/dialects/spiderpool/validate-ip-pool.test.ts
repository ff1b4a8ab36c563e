import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpiderIPPoolSpec } from '#api';
import { messagesOf } from '../../../api/testing.ts';
import { defaultSpiderIPPool } from './default-objects.ts';
import { pool6Of, poolOf, subnetOf } from './testing.ts';
import { validateSpiderIPPool } from './validate-ip-pool.ts';

const NOBODY = { pools: [], subnets: [] };

const ALONE: readonly [string, Partial<SpiderIPPoolSpec>, readonly string[]][] = [
  ['as the documents write it', {}, []],
  ['addresses one by one and as ranges', { ips: ['172.18.30.131', '172.18.30.132 - 172.18.30.140'] }, []],
  ['without addresses', { ips: [] }, []],
  [
    'a subnet that is none',
    { subnet: '172.18.0.0' },
    ['spec.subnet is "172.18.0.0", expected a network like 172.18.0.0/16 or fd00:30::/64'],
  ],
  [
    'a subnet with host bits',
    { subnet: '172.18.0.9/16' },
    ['spec.subnet is "172.18.0.9/16", expected the network itself, 172.18.0.0/16'],
  ],
  ['a family that the subnet is not', { ipVersion: 6 }, ['spec.ipVersion is 6, expected 4, as spec.subnet is IPv4']],
  [
    'an address outside its subnet',
    { ips: ['172.19.0.1'] },
    ['spec.ips[0] is "172.19.0.1", expected addresses inside spec.subnet 172.18.0.0/16'],
  ],
  [
    'a range that leaves its subnet',
    { ips: ['172.18.255.250-172.19.0.1'] },
    ['spec.ips[0] is "172.18.255.250-172.19.0.1", expected addresses inside spec.subnet 172.18.0.0/16'],
  ],
  [
    'a range backwards',
    { ips: ['172.18.30.140-172.18.30.131'] },
    ['spec.ips[0] is "172.18.30.140-172.18.30.131", expected the lower address first, 172.18.30.131-172.18.30.140'],
  ],
  [
    'no address',
    { ips: ['172.18.30.1', 'web'] },
    ['spec.ips[1] is "web", expected an address like 10.6.0.10 or a range like 10.6.0.10-10.6.0.20'],
  ],
  [
    'a prefix instead of a range',
    { ips: ['172.18.30.0/24'] },
    ['spec.ips[0] is "172.18.30.0/24", expected an address like 10.6.0.10 or a range like 10.6.0.10-10.6.0.20'],
  ],
  [
    'mixed families',
    { ips: ['fd00::1'] },
    ['spec.ips[0] is "fd00::1", expected IPv4 addresses, as spec.subnet is one'],
  ],
  [
    'a range of two families',
    { ips: ['172.18.30.1-fd00::1'] },
    ['spec.ips[0] is "172.18.30.1-fd00::1", expected IPv4 addresses, as spec.subnet is one'],
  ],
  [
    'an exclusion outside',
    { excludeIPs: ['10.0.0.1'] },
    ['spec.excludeIPs[0] is "10.0.0.1", expected addresses inside spec.subnet 172.18.0.0/16'],
  ],
  [
    'a gateway outside',
    { gateway: '172.19.0.1' },
    ['spec.gateway is "172.19.0.1", expected an address inside spec.subnet 172.18.0.0/16'],
  ],
  [
    'a gateway inside the range',
    { gateway: '172.18.30.135' },
    [
      'spec.gateway is "172.18.30.135", expected an address that pods do not get: add it to spec.excludeIPs, or take it out of spec.ips',
    ],
  ],
  ['a gateway inside the range, but excluded', { gateway: '172.18.30.135', excludeIPs: ['172.18.30.135'] }, []],
  [
    'a default route',
    { routes: [{ dst: '0.0.0.0/0', gw: '172.18.0.2' }] },
    ['spec.routes[0].dst is "0.0.0.0/0", expected no default route: that is spec.gateway'],
  ],
  [
    'a route of the other family',
    { routes: [{ dst: 'fd00::/8', gw: '172.18.0.2' }] },
    ['spec.routes[0].dst is "fd00::/8", expected an IPv4 network like 10.0.0.0/8'],
  ],
  [
    'a route twice',
    {
      routes: [
        { dst: '10.0.0.0/8', gw: '172.18.0.2' },
        { dst: '10.9.0.0/8', gw: '172.18.0.3' },
      ],
    },
    ['spec.routes[1].dst is "10.9.0.0/8", expected each destination once'],
  ],
  [
    'a next hop outside',
    { routes: [{ dst: '10.0.0.0/8', gw: '10.0.0.1' }] },
    ['spec.routes[0].gw is "10.0.0.1", expected an address inside spec.subnet 172.18.0.0/16'],
  ],
  [
    'an empty podAffinity',
    { podAffinity: {} },
    ['spec.podAffinity is {}, expected matchLabels or matchExpressions: empty podAffinity is invalid for SpiderIPPool'],
  ],
  [
    'an unknown operator',
    { nodeAffinity: { matchExpressions: [{ key: 'zone', operator: 'Gt', values: ['1'] }] } },
    ['spec.nodeAffinity.matchExpressions[0].operator is "Gt", expected one of In, NotIn, Exists, DoesNotExist'],
  ],
  [
    'In without values',
    { namespaceAffinity: { matchExpressions: [{ key: 'zone', operator: 'In' }] } },
    ['spec.namespaceAffinity.matchExpressions[0].values is [], expected at least one value for In'],
  ],
  [
    'labels that no label can be',
    {
      nodeAffinity: { matchLabels: { 'a b': 'c', 'example.com/zone': '', 'x/y/z': 'a b' } },
      namespaceAffinity: { matchExpressions: [{ key: '', operator: 'NotIn', values: ['x', 'y'.repeat(64)] }] },
    },
    [
      'spec.namespaceAffinity.matchExpressions[0].key is "", expected a key of labels like app or example.com/app',
      `spec.namespaceAffinity.matchExpressions[0].values[1] is "${'y'.repeat(64)}", expected a value of labels: at most 63 letters, digits, dashes, dots and underscores`,
      'spec.nodeAffinity.matchLabels[a b] is "a b", expected a key of labels like app or example.com/app',
      'spec.nodeAffinity.matchLabels[x/y/z] is "x/y/z", expected a key of labels like app or example.com/app',
      'spec.nodeAffinity.matchLabels[x/y/z] is "a b", expected a value of labels: at most 63 letters, digits, dashes, dots and underscores',
    ],
  ],
  [
    "a controller's name that is longer than a label",
    { podAffinity: { matchLabels: { 'ipam.spidernet.io/app-name': 'n'.repeat(253) } } },
    [],
  ],
];

for (const [name, spec, expected] of ALONE) {
  test(`validateSpiderIPPool() on ${name}`, () => {
    assert.deepEqual(messagesOf(validateSpiderIPPool(poolOf('a', spec), NOBODY)), expected);
  });
}

test('validateSpiderIPPool() lets pools of one network share it, but no address', () => {
  const a = poolOf('a', { ips: ['172.18.30.1-172.18.30.10'] });
  const beside = poolOf('b', { ips: ['172.18.30.11-172.18.30.20'] });
  const across = poolOf('c', { ips: ['172.18.30.9-172.18.30.12', '172.18.30.2'], excludeIPs: ['172.18.30.9'] });
  assert.deepEqual(validateSpiderIPPool(a, { pools: [a, beside], subnets: [] }), []);
  assert.deepEqual(messagesOf(validateSpiderIPPool(a, { pools: [beside, across], subnets: [] })), [
    'spec.ips is ["172.18.30.1-172.18.30.10"], expected addresses of its own: they overlap with IPPool c in IP ranges [172.18.30.2, 172.18.30.10], of which spec.ips and spec.excludeIPs decide together',
  ]);
});

test("validateSpiderIPPool() refuses a network that overlaps with another pool's, whatever their addresses", () => {
  const wide = poolOf('wide', { subnet: '172.16.0.0/12', ips: [], gateway: '172.16.0.1' });
  assert.deepEqual(messagesOf(validateSpiderIPPool(poolOf('a'), { pools: [wide], subnets: [] })), [
    'spec.subnet is "172.18.0.0/16", expected a network of its own or the very same: it overlaps with IPPool wide whose spec.subnet is 172.16.0.0/12',
  ]);
  assert.deepEqual(validateSpiderIPPool(poolOf('a'), { pools: [pool6Of('six')], subnets: [] }), []);
});

test("validateSpiderIPPool() refuses addresses that the network's SpiderSubnet lacks", () => {
  const subnet = subnetOf('s', { ips: ['172.18.30.1-172.18.30.138'] });
  assert.deepEqual(messagesOf(validateSpiderIPPool(poolOf('a'), { pools: [], subnets: [subnet] })), [
    'spec.ips is ["172.18.30.131-172.18.30.140"], expected addresses that SpiderSubnet s of 172.18.0.0/16 has: it lacks 172.18.30.139-172.18.30.140',
  ]);
});

test('validateSpiderIPPool() reads 5,000 entries and as many of a neighbour', () => {
  const entries = (third: number): readonly string[] =>
    Array.from({ length: 5000 }, (_, index) => `10.${third}.${index >> 7}.${(index & 127) * 2}`);
  const own = poolOf('a', { subnet: '10.0.0.0/8', gateway: '10.255.0.1', ips: entries(1) });
  const other = poolOf('b', { subnet: '10.0.0.0/8', gateway: '10.255.0.1', ips: entries(2) });
  assert.deepEqual(validateSpiderIPPool(own, { pools: [other], subnets: [] }), []);
  const merged = defaultSpiderIPPool(own, []).spec.ips ?? [];
  assert.equal(merged.length, 5000);
  const [overlap] = messagesOf(validateSpiderIPPool(own, { pools: [poolOf('c', own.spec)], subnets: [] }));
  assert.match(overlap ?? '', /overlap with IPPool c in IP ranges \[10\.1\.0\.0, 10\.1\.0\.2, .*, and 4990 more\]/);
});
