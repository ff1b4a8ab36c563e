import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectProblem, SpiderIPPoolSpec } from '#api';
import { defaultSpiderIPPool, defaultSpiderReservedIP, defaultSpiderSubnet } from './default-objects.ts';
import { claimOf, pool6Of, poolOf, reservedOf, subnetOf } from './testing.ts';
import { validateSpiderIPPool, validateSpiderIPPoolChange, validateSpiderIPPoolRemoval } from './validate-ip-pool.ts';
import { validateSpiderReservedIP, validateSpiderReservedIPChange } from './validate-reserved-ip.ts';
import { validateSpiderSubnet, validateSpiderSubnetChange, validateSpiderSubnetRemoval } from './validate-subnet.ts';

const NOBODY = { pools: [], subnets: [] };

function messages(problems: readonly ObjectProblem[]): readonly string[] {
  return problems.map(({ message }) => message);
}

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
    assert.deepEqual(messages(validateSpiderIPPool(poolOf('a', spec), NOBODY)), expected);
  });
}

test('validateSpiderIPPool() lets pools of one network share it, but no address', () => {
  const a = poolOf('a', { ips: ['172.18.30.1-172.18.30.10'] });
  const beside = poolOf('b', { ips: ['172.18.30.11-172.18.30.20'] });
  const across = poolOf('c', { ips: ['172.18.30.9-172.18.30.12', '172.18.30.2'], excludeIPs: ['172.18.30.9'] });
  assert.deepEqual(validateSpiderIPPool(a, { pools: [a, beside], subnets: [] }), []);
  assert.deepEqual(messages(validateSpiderIPPool(a, { pools: [beside, across], subnets: [] })), [
    'spec.ips is ["172.18.30.1-172.18.30.10"], expected addresses of its own: they overlap with IPPool c in IP ranges [172.18.30.2, 172.18.30.10], of which spec.ips and spec.excludeIPs decide together',
  ]);
});

test("validateSpiderIPPool() refuses a network that overlaps with another pool's, whatever their addresses", () => {
  const wide = poolOf('wide', { subnet: '172.16.0.0/12', ips: [], gateway: '172.16.0.1' });
  assert.deepEqual(messages(validateSpiderIPPool(poolOf('a'), { pools: [wide], subnets: [] })), [
    'spec.subnet is "172.18.0.0/16", expected a network of its own or the very same: it overlaps with IPPool wide whose spec.subnet is 172.16.0.0/12',
  ]);
  assert.deepEqual(validateSpiderIPPool(poolOf('a'), { pools: [pool6Of('six')], subnets: [] }), []);
});

test("validateSpiderIPPool() refuses addresses that the network's SpiderSubnet lacks", () => {
  const subnet = subnetOf('s', { ips: ['172.18.30.1-172.18.30.138'] });
  assert.deepEqual(messages(validateSpiderIPPool(poolOf('a'), { pools: [], subnets: [subnet] })), [
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
  const [overlap] = messages(validateSpiderIPPool(own, { pools: [poolOf('c', own.spec)], subnets: [] }));
  assert.match(overlap ?? '', /overlap with IPPool c in IP ranges \[10\.1\.0\.0, 10\.1\.0\.2, .*, and 4990 more\]/);
});

test('validateSpiderIPPoolChange() keeps subnet and family, and addresses in use', () => {
  const old = poolOf('a', { ipVersion: 4 });
  const claims = [claimOf('a', '172.18.30.140/16', 'shop/web-1')];
  assert.deepEqual(validateSpiderIPPoolChange(old, poolOf('a', { ips: ['172.18.30.138-172.18.30.150'] }), claims), []);
  assert.deepEqual(
    messages(validateSpiderIPPoolChange(old, poolOf('a', { ips: ['172.18.30.131-172.18.30.139'] }), claims)),
    [
      'spec.ips and spec.excludeIPs remove an IP address 172.18.30.140 that is being used by Pod shop/web-1, expected those in use to stay',
    ],
  );
  assert.deepEqual(messages(validateSpiderIPPoolChange(old, poolOf('a', { excludeIPs: ['172.18.30.140'] }), claims)), [
    'spec.ips and spec.excludeIPs remove an IP address 172.18.30.140 that is being used by Pod shop/web-1, expected those in use to stay',
  ]);
  assert.deepEqual(messages(validateSpiderIPPoolChange(old, pool6Of('a', { ipVersion: 6 }), [])), [
    'spec.subnet is "fd00:30::/64", expected 172.18.0.0/16: it is not changeable',
    'spec.ipVersion is 6, expected 4: it is not changeable',
  ]);
});

test('validateSpiderIPPoolChange() lets a pool that is being deleted change in its metadata alone', () => {
  const old = poolOf('a', {}, { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x'] });
  assert.deepEqual(validateSpiderIPPoolChange(old, { ...old, metadata: { name: 'a' } }, []), []);
  assert.deepEqual(messages(validateSpiderIPPoolChange(old, poolOf('a', { disable: true }), [])), [
    'spec is changed, expected no change: the pool is being deleted',
  ]);
});

test('validateSpiderIPPoolChange() leaves a pool that was made for one workload to that workload', () => {
  const old = poolOf(
    'auto4-web-eth0-12345',
    { podAffinity: { matchLabels: { 'ipam.spidernet.io/app-name': 'web' } } },
    { labels: { 'ipam.spidernet.io/owner-application-kind': 'Deployment' } },
  );
  const changed = { ...old, spec: { ...old.spec, nodeName: ['n1'], podAffinity: { matchLabels: { app: 'x' } } } };
  assert.deepEqual(messages(validateSpiderIPPoolChange(old, changed, [])), [
    'spec.podAffinity is {"matchLabels":{"app":"x"}}, expected {"matchLabels":{"ipam.spidernet.io/app-name":"web"}}: the pool was made for one workload',
    'spec.nodeName is ["n1"], expected none: the pool was made for one workload',
  ]);
  assert.deepEqual(validateSpiderIPPoolChange(old, { ...old, spec: { ...old.spec, disable: true } }, []), []);
});

test('validateSpiderIPPoolRemoval() names who still uses the pool', () => {
  assert.deepEqual(validateSpiderIPPoolRemoval(poolOf('a'), []), []);
  const claims = ['131', '132', '133', '134'].map(last => claimOf('a', `172.18.30.${last}/16`));
  assert.deepEqual(messages(validateSpiderIPPoolRemoval(poolOf('a'), claims)), [
    'SpiderIPPool a is deleted, expected that none of its addresses is used: 172.18.30.131 by Pod default/web-0, 172.18.30.132 by Pod default/web-0, 172.18.30.133 by Pod default/web-0 and 1 more; set spec.disable to stop it from handing out more',
  ]);
});

test('validateSpiderSubnet() refuses overlap with subnets, and less than its pools have', () => {
  assert.deepEqual(validateSpiderSubnet(subnetOf('s'), { pools: [poolOf('a')], subnets: [subnetOf('s')] }), []);
  const wide = subnetOf('wide', { subnet: '172.16.0.0/12', ips: [], gateway: '172.16.0.1' });
  assert.deepEqual(messages(validateSpiderSubnet(subnetOf('s'), { pools: [], subnets: [wide] })), [
    'spec.subnet is "172.18.0.0/16", expected a network of its own: overlap with Subnet wide which \'spec.subnet\' is 172.16.0.0/12',
  ]);
  assert.deepEqual(messages(validateSpiderSubnet(wide, { pools: [poolOf('a')], subnets: [] })), [
    "spec.subnet is \"172.16.0.0/12\", expected a network of its own: overlap with SpiderIPPool 'a' which 'spec.subnet' is 172.18.0.0/16",
  ]);
  const small = subnetOf('s', { ips: ['172.18.30.1-172.18.30.135'] });
  assert.deepEqual(messages(validateSpiderSubnet(small, { pools: [poolOf('a')], subnets: [] })), [
    "spec.ips is [\"172.18.30.1-172.18.30.135\"], expected all addresses of its pools: SpiderIPPool 'a' owns some IP addresses that SpiderSubnet 's' can't control, [172.18.30.136-172.18.30.140]",
  ]);
});

test('validateSpiderSubnetChange() and validateSpiderSubnetRemoval() keep what pools are made of', () => {
  assert.deepEqual(messages(validateSpiderSubnetChange(subnetOf('s'), subnetOf('s', { subnet: '172.19.0.0/16' }))), [
    'spec.subnet is "172.19.0.0/16", expected 172.18.0.0/16: it is not changeable',
  ]);
  assert.deepEqual(validateSpiderSubnetRemoval(subnetOf('s'), [pool6Of('six')]), []);
  assert.deepEqual(messages(validateSpiderSubnetRemoval(subnetOf('s'), [poolOf('a'), poolOf('b')])), [
    'SpiderSubnet s is deleted, expected that no pool has addresses of it: a, b',
  ]);
});

test('validateSpiderReservedIP() reads addresses of one family', () => {
  assert.deepEqual(validateSpiderReservedIP(reservedOf('r', ['10.0.0.1', '10.0.0.5-10.0.0.9'])), []);
  assert.deepEqual(validateSpiderReservedIP(reservedOf('r', [])), []);
  assert.deepEqual(messages(validateSpiderReservedIP(reservedOf('r', ['10.0.0.1', 'fd00::1']))), [
    'spec.ips[1] is "fd00::1", expected IPv4 addresses, as spec.ipVersion says',
  ]);
  assert.deepEqual(messages(validateSpiderReservedIP(reservedOf('r', ['web']))), [
    'spec.ips[0] is "web", expected an address like 10.6.0.10 or a range like 10.6.0.10-10.6.0.20',
  ]);
  assert.deepEqual(
    messages(validateSpiderReservedIPChange(reservedOf('r', ['10.0.0.1']), reservedOf('r', ['fd00::1']))),
    ['spec.ipVersion is 6, expected 4: it is not changeable'],
  );
});

test('defaultSpiderIPPool() derives the family, merges the addresses and inherits from the SpiderSubnet', () => {
  const subnet = subnetOf('s', { routes: [{ dst: '10.0.0.0/8', gw: '172.18.0.2' }] });
  const { gateway: _, ...spec } = poolOf('a', { ips: ['172.18.30.9', '172.18.30.7-172.18.30.8', '172.18.30.7'] }).spec;
  const pool = defaultSpiderIPPool({ metadata: { name: 'a' }, spec }, [subnet]);
  assert.deepEqual(pool, {
    metadata: {
      name: 'a',
      labels: { 'ipam.spidernet.io/ippool-cidr': '172-18-0-0-16', 'ipam.spidernet.io/owner-spider-subnet': 's' },
    },
    spec: {
      ipVersion: 4,
      subnet: '172.18.0.0/16',
      ips: ['172.18.30.7-172.18.30.9'],
      gateway: '172.18.0.1',
      routes: [{ dst: '10.0.0.0/8', gw: '172.18.0.2' }],
    },
  });
  assert.deepEqual(defaultSpiderIPPool(pool, [subnet]), pool);
  const broken = poolOf('b', { subnet: 'x' });
  assert.equal(defaultSpiderIPPool(broken, []), broken);
});

test('defaultSpiderSubnet() and defaultSpiderReservedIP() derive the family', () => {
  const { spec, metadata } = defaultSpiderSubnet(subnetOf('s'));
  assert.equal(spec.ipVersion, 4);
  assert.equal(metadata.labels?.['ipam.spidernet.io/subnet-cidr'], '172-18-0-0-16');
  assert.deepEqual(defaultSpiderReservedIP(reservedOf('r', ['fd00::2', 'fd00::1'])).spec, {
    ipVersion: 6,
    ips: ['fd00::1-fd00::2'],
  });
});
