import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type KubeObject,
  NAMESPACES,
  NODES,
  type Pod,
  REPLICA_SETS,
  type Resource,
  SPIDER_IP_POOLS,
  SPIDER_RESERVED_IPS,
  SPIDER_SUBNETS,
  type SpiderIPPool,
} from '#api';
import { catalogOf } from '../../testing.ts';
import type { Wish, WishContext, Wishes } from '../../wishes/wishes.ts';
import { formatAddressRanges } from './address-ranges.ts';
import { parseSpiderpool } from './spiderpool.ts';
import { spiderpoolWishes } from './spiderpool-wishes.ts';
import { pool6Of, poolOf, reservedOf, subnetOf } from './testing.ts';

const KEY = 'ipam.spidernet.io/';

interface Asking {
  readonly pools?: readonly SpiderIPPool[];
  readonly others?: readonly (readonly [Resource, KubeObject])[];
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly pod?: Partial<Pod['metadata']>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly context?: Partial<WishContext>;
}

function podOf(annotations: Asking['annotations'] = {}, metadata: Asking['pod'] = {}): Pod {
  const texts = Object.entries(annotations).map(([key, value]) => [
    `${KEY}${key}`,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return {
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      uid: 'u1',
      labels: { app: 'web' },
      annotations: Object.fromEntries(texts),
      ...metadata,
    },
    spec: {},
  };
}

function wishesOf({ pools = [], others = [], annotations, pod, config = {}, context = {} }: Asking): Promise<Wishes> {
  const ipam = parseSpiderpool({ type: 'spiderpool', ...config }, { networkName: 'lan', source: 'network "shop/lan"' });
  const own = { name: 'eth0', nad: 'kube-system/macvlan-conf' };
  return spiderpoolWishes(ipam, {
    pod: podOf(annotations, pod),
    node: 'n1',
    interface: own,
    isDefault: true,
    interfaces: [own],
    asked: { ips: [] },
    source: 'network "shop/lan"',
    catalog: catalogOf([...pools.map(pool => [SPIDER_IP_POOLS, pool] as const), ...others]),
    ...context,
  });
}

/** Names of the pools of each wish; closed ones in brackets. */
function namesOf({ alternatives }: Wishes): readonly (readonly string[])[] {
  assert.equal(alternatives.length, 1);
  return (alternatives[0] ?? []).map(({ pools }) =>
    pools.map(({ ref, usable }) => (usable.length === 0 ? `(${ref.name})` : ref.name)),
  );
}

function wishAt({ alternatives }: Wishes, index = 0): Wish {
  const wish = alternatives[0]?.[index];
  assert.ok(wish !== undefined);
  return wish;
}

function usableOf(wish: Wish): readonly string[] {
  return wish.pools.flatMap(({ usable, family }) => formatAddressRanges(usable, family));
}

test("spiderpoolWishes() gives a pool's address with its prefix, gateway and default route", async () => {
  const pool = poolOf('ippool-test', { multusName: ['kube-system/macvlan-conf'] });
  const wishes = await wishesOf({ pools: [pool], annotations: { ippool: { ipv4: ['ippool-test'] } } });
  const [own] = wishAt(wishes).pools;
  assert.deepEqual(
    { ...own, usable: undefined, kept: undefined },
    {
      ref: { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'ippool-test' },
      scope: 'default',
      family: 4,
      prefixLength: 16,
      text: 'IPPool ippool-test (172.18.30.131-172.18.30.140)',
      usable: undefined,
      kept: undefined,
      order: 'unused-first',
      gateway: '172.18.0.1',
      routes: [{ dst: '0.0.0.0/0', gw: '172.18.0.1' }],
    },
  );
  assert.deepEqual(usableOf(wishAt(wishes)), ['172.18.30.131-172.18.30.140']);
  assert.equal(wishAt(wishes).closed, undefined);
});

test('spiderpoolWishes() lets the first level decide alone', async () => {
  const pools = ['pod', 'pods', 'namespace', 'config', 'default'].map((name, index) =>
    poolOf(name, { ips: [`172.18.1.${index}`], default: name === 'default' }),
  );
  const namespace = { metadata: { name: 'shop', annotations: { [`${KEY}default-ipv4-ippool`]: '["namespace"]' } } };
  const levels = { pools, others: [[NAMESPACES, namespace] as const], config: { default_ipv4_ippool: ['config'] } };
  const ippools = [{ interface: 'eth0', ipv4: ['pods'] }];
  assert.deepEqual(namesOf(await wishesOf({ ...levels, annotations: { ippools, ippool: { ipv4: ['pod'] } } })), [
    ['pods'],
  ]);
  assert.deepEqual(namesOf(await wishesOf({ ...levels, annotations: { ippool: { ipv4: ['pod'] } } })), [['pod']]);
  assert.deepEqual(namesOf(await wishesOf(levels)), [['namespace']]);
  assert.deepEqual(namesOf(await wishesOf({ ...levels, others: [] })), [['config']]);
  assert.deepEqual(namesOf(await wishesOf({ pools })), [['default']]);
  await assert.rejects(wishesOf({ pools: pools.slice(0, 1) }), {
    code: 'NO_POOL',
    message: /no IPPool available, no pool selection rules of any type are specified/,
  });
});

test('spiderpoolWishes() takes one address of each family that the level names', async () => {
  const pools = [poolOf('a'), pool6Of('b')];
  const both = await wishesOf({ pools, annotations: { ippool: { ipv4: ['a'], ipv6: ['b'] } } });
  assert.deepEqual(namesOf(both), [['a'], ['b']]);
  assert.deepEqual(wishAt(both, 1).pools[0]?.routes, [{ dst: '::/0', gw: 'fd00:30::1' }]);
  assert.deepEqual(namesOf(await wishesOf({ pools, annotations: { ippool: { ipv6: ['b'] } } })), [['b']]);
});

test("spiderpoolWishes() keeps the user's order, made-to-measure pools first", async () => {
  const pools = [
    poolOf('c', { ips: ['172.18.1.1'] }),
    poolOf('a', { ips: ['172.18.1.2'] }),
    poolOf('b', { ips: ['172.18.1.3'], nodeName: ['n1'] }),
    poolOf('d', { ips: ['172.18.1.4'], podAffinity: { matchLabels: { app: 'web' } } }),
  ];
  assert.deepEqual(namesOf(await wishesOf({ pools, annotations: { ippool: { ipv4: ['c', 'a', 'b', 'd'] } } })), [
    ['d', 'b', 'c', 'a'],
  ]);
});

test('spiderpoolWishes() expands wildcards of pod, namespace and configuration in the order of names', async () => {
  const pools = [
    poolOf('lan-b', { ips: ['172.18.1.3'] }),
    poolOf('lan-a', { ips: ['172.18.1.2'] }),
    pool6Of('lan-6'),
    poolOf('x', { ips: ['172.18.1.4'] }),
  ];
  const wild = { ipv4: ['x', 'lan-*', 'lan-b'] };
  assert.deepEqual(namesOf(await wishesOf({ pools, annotations: { ippool: wild } })), [['x', 'lan-a', 'lan-b']]);
  assert.deepEqual(namesOf(await wishesOf({ pools, config: { default_ipv6_ippool: ['*'] } })), [['lan-6']]);
  const namespace = { metadata: { name: 'shop', annotations: { [`${KEY}default-ipv4-ippool`]: '["lan-?"]' } } };
  assert.deepEqual(namesOf(await wishesOf({ pools, others: [[NAMESPACES, namespace]] })), [['lan-a', 'lan-b']]);
});

const FILTERS: readonly [name: string, spec: Partial<SpiderIPPool['spec']>, reason: string | undefined][] = [
  ['disabled', { disable: true }, 'it is disabled'],
  ['nodeName', { nodeName: ['n1'] }, undefined],
  ['another nodeName', { nodeName: ['n2'] }, 'its nodeName ["n2"] does not match node n1'],
  [
    'nodeName beside a nodeAffinity that does not match',
    { nodeName: ['n1'], nodeAffinity: { matchLabels: { zone: 'b' } } },
    undefined,
  ],
  ['nodeAffinity', { nodeAffinity: { matchLabels: { zone: 'a' } } }, undefined],
  [
    'another nodeAffinity',
    { nodeAffinity: { matchLabels: { zone: 'b' } } },
    'its nodeAffinity {"matchLabels":{"zone":"b"}} does not match node n1',
  ],
  ['namespaceName', { namespaceName: ['shop'] }, undefined],
  ['another namespaceName', { namespaceName: ['bank'] }, 'its namespaceName ["bank"] does not match namespace shop'],
  ['namespaceAffinity', { namespaceAffinity: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } }, undefined],
  [
    'another namespaceAffinity',
    { namespaceAffinity: { matchLabels: { team: 'y' } } },
    'its namespaceAffinity {"matchLabels":{"team":"y"}} does not match namespace shop',
  ],
  ['podAffinity', { podAffinity: { matchLabels: { app: 'web' } } }, undefined],
  [
    'another podAffinity',
    { podAffinity: { matchLabels: { app: 'db' } } },
    'its podAffinity {"matchLabels":{"app":"db"}} does not match the pod',
  ],
  ['multusName', { multusName: ['kube-system/macvlan-conf'] }, undefined],
  ['multusName without namespace', { multusName: ['macvlan-conf'] }, undefined],
  [
    'another multusName',
    { multusName: ['kube-system/other'] },
    'its multusName ["kube-system/other"] does not match eth0 of kube-system/macvlan-conf',
  ],
];

for (const [name, spec, reason] of FILTERS) {
  test(`spiderpoolWishes() filters a pool by ${name}`, async () => {
    const wishes = await wishesOf({
      pools: [poolOf('a', spec)],
      others: [
        [NODES, { metadata: { name: 'n1', labels: { zone: 'a' } } }],
        [NAMESPACES, { metadata: { name: 'shop', labels: { team: 'x' } } }],
      ],
      annotations: { ippool: { ipv4: ['a'] } },
    });
    assert.deepEqual(namesOf(wishes), [[reason === undefined ? 'a' : '(a)']]);
    assert.equal(
      wishAt(wishes).closed,
      reason === undefined ? undefined : `no IPPool available, all IPv4 IPPools [a] of eth0 filtered out: a: ${reason}`,
    );
  });
}

test('spiderpoolWishes() needs no Multus: an interface without NetworkAttachmentDefinition takes pools without multusName', async () => {
  const own = { name: 'eth0' };
  const context = { interface: own, interfaces: [own] };
  const annotations = { ippool: { ipv4: ['a'] } };
  assert.deepEqual(namesOf(await wishesOf({ pools: [poolOf('a')], annotations, context })), [['a']]);
  const wishes = await wishesOf({ pools: [poolOf('a', { multusName: ['x'] })], annotations, context });
  assert.match(
    wishAt(wishes).closed ?? '',
    /its multusName \["x"\] does not match eth0 of no NetworkAttachmentDefinition$/,
  );
});

test('spiderpoolWishes() names every pool that is filtered out, and why', async () => {
  const pools = [
    poolOf('off', { disable: true }),
    poolOf('gone', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    pool6Of('six'),
    poolOf('bad', { gateway: '172.18.30.131' }),
  ];
  const names = ['off', 'none', 'gone', 'six', 'bad', 'x-*'];
  const wishes = await wishesOf({ pools, annotations: { ippool: { ipv4: names } } });
  assert.deepEqual(namesOf(wishes), [['(off)', '(gone)']]);
  assert.equal(
    wishAt(wishes).closed,
    'no IPPool available, all IPv4 IPPools [none, x-*, off, gone, six, bad] of eth0 filtered out: none: there is no such SpiderIPPool; x-*: it matches no IPv4 SpiderIPPool; off: it is disabled; gone: it is being deleted; six: its subnet is fd00:30::/64, expected an IPv4 one; bad: spec.gateway is "172.18.30.131", expected an address that pods do not get: add it to spec.excludeIPs, or take it out of spec.ips',
  );
});

test('spiderpoolWishes() takes no address of a pool that Spiderpool itself hands out', async () => {
  const pool = poolOf('a', {}, { finalizers: ['spiderpool.spidernet.io'] });
  const wishes = await wishesOf({ pools: [pool], annotations: { ippool: { ipv4: ['a'] } } });
  assert.deepEqual(namesOf(wishes), [['(a)']]);
  assert.match(
    wishAt(wishes).closed ?? '',
    /a: Spiderpool keeps it, until "underlane migrate --from spiderpool" takes it over$/,
  );
});

test('spiderpoolWishes() tells apart pools that are not there, not readable, not of the family', async () => {
  const annotations = { ippool: { ipv4: ['a'] } };
  await assert.rejects(wishesOf({ annotations }), { code: 'NO_POOL', message: /a: there is no such SpiderIPPool$/ });
  await assert.rejects(wishesOf({ annotations, pools: [poolOf('a', { ips: ['x'] })] }), {
    code: 'BAD_POOL',
    message: /a: spec.ips\[0\] is "x", expected/,
  });
  await assert.rejects(wishesOf({ annotations, pools: [pool6Of('a')] }), {
    code: 'POOL_NOT_FOR_POD',
    message: /a: its subnet is fd00:30::\/64, expected an IPv4 one$/,
  });
});

test('spiderpoolWishes() hands out no excluded, reserved, network or broadcast address, nor the gateway', async () => {
  const pool = poolOf('a', {
    subnet: '172.18.30.0/28',
    ips: ['172.18.30.0-172.18.30.15'],
    excludeIPs: ['172.18.30.1', '172.18.30.6'],
    gateway: '172.18.30.1',
  });
  const wishes = await wishesOf({
    pools: [pool],
    others: [
      [SPIDER_RESERVED_IPS, reservedOf('r', ['172.18.30.3-172.18.30.4', '10.0.0.1'])],
      [SPIDER_RESERVED_IPS, reservedOf('six', ['fd00::1'])],
    ],
    annotations: { ippool: { ipv4: ['a'] } },
  });
  assert.deepEqual(usableOf(wishAt(wishes)), ['172.18.30.2', '172.18.30.5', '172.18.30.7-172.18.30.14']);
  assert.deepEqual(
    wishAt(wishes).pools.flatMap(({ kept = [] }) => formatAddressRanges(kept, 4)),
    ['172.18.30.0-172.18.30.15'],
  );
});

test('spiderpoolWishes() puts routes of the pod to the pool whose network has their next hop', async () => {
  const pool = poolOf('a', { routes: [{ dst: '10.0.0.0/8', gw: '172.18.0.2' }] });
  const routes = [
    { dst: '10.9.0.0/16', gw: '172.18.0.3' },
    { dst: '10.8.0.0/16', gw: '192.168.0.1' },
  ];
  const wishes = await wishesOf({ pools: [pool], annotations: { ippool: { ipv4: ['a'] }, routes } });
  assert.deepEqual(wishAt(wishes).pools[0]?.routes, [
    { dst: '0.0.0.0/0', gw: '172.18.0.1' },
    { dst: '10.0.0.0/8', gw: '172.18.0.2' },
    { dst: '10.9.0.0/16', gw: '172.18.0.3' },
  ]);
});

test('spiderpoolWishes() leaves the default route out by cleangateway of pod or configuration, the pod first', async () => {
  const routesFor = async (cleangateway: boolean | undefined, clean_gateway: boolean): Promise<unknown> => {
    const ippools = [{ ipv4: ['a'], ...(cleangateway === undefined ? {} : { cleangateway }) }];
    const wishes = await wishesOf({ pools: [poolOf('a')], annotations: { ippools }, config: { clean_gateway } });
    return wishAt(wishes).pools[0]?.routes;
  };
  const route = [{ dst: '0.0.0.0/0', gw: '172.18.0.1' }];
  assert.deepEqual(await routesFor(undefined, false), route);
  assert.deepEqual(await routesFor(undefined, true), undefined);
  assert.deepEqual(await routesFor(true, false), undefined);
  assert.deepEqual(await routesFor(false, true), route);
});

test('spiderpoolWishes() reads `ippools` for several interfaces, named or in their order', async () => {
  const pools = [poolOf('a', { ips: ['172.18.1.1'] }), poolOf('b', { ips: ['172.18.1.2'] })];
  const interfaces = [{ name: 'eth0' }, { name: 'net1', nad: 'shop/lan' }];
  const of = async (index: number, ippools: unknown): Promise<unknown> => {
    const own = interfaces[index];
    assert.ok(own !== undefined);
    return namesOf(await wishesOf({ pools, annotations: { ippools }, context: { interface: own, interfaces } }));
  };
  const named = [
    { interface: 'net1', ipv4: ['b'] },
    { interface: 'eth0', ipv4: ['a'] },
  ];
  assert.deepEqual([await of(0, named), await of(1, named)], [[['a']], [['b']]]);
  const unnamed = [{ ipv4: ['a'] }, { ipv4: ['b'] }];
  assert.deepEqual([await of(0, unnamed), await of(1, unnamed)], [[['a']], [['b']]]);
  await assert.rejects(of(1, [{ interface: 'eth0', ipv4: ['a'] }]), {
    code: 'BAD_ANNOTATION',
    message:
      'Cannot use annotation ipam.spidernet.io/ippools of pod "shop/web-1": it is for eth0, expected an item for interface net1 too',
  });
  await assert.rejects(of(1, [{ ipv4: ['a'] }]), {
    code: 'BAD_ANNOTATION',
    message: /it is for 1 items without names, expected an item for interface net1 too$/,
  });
});

const MALFORMED: readonly [NonNullable<Asking['annotations']>, string][] = [
  [{ ippool: 'x' }, 'ippool of pod "shop/web-1": it is "x", expected JSON'],
  [{ ippool: [] }, 'ippool of pod "shop/web-1": the object is [], expected an object'],
  [{ ippool: {} }, 'ippool of pod "shop/web-1": it is {}, expected at least one name in ipv4 or ipv6'],
  [{ ippool: { ipv4: 'a' } }, 'ippool of pod "shop/web-1": ipv4 is "a", expected a list'],
  [{ ippool: { ipv4: ['a', 'a'] } }, 'ippool of pod "shop/web-1": ipv4[1] is "a", expected each name once'],
  [{ ippools: [] }, 'ippools of pod "shop/web-1": the object is [], expected at least 1 items'],
  [
    { ippools: [{ interface: 'eth0', ipv4: ['a'], cleangateway: 'no' }] },
    'ippools of pod "shop/web-1": [0].cleangateway is "no", expected true or false',
  ],
  [
    { ippools: [{ interface: 'eth0', ipv4: ['a'] }, { ipv4: ['a'] }] },
    'ippools of pod "shop/web-1": [1].interface is missing, expected a name in every item or in none',
  ],
  [
    {
      ippools: [
        { interface: 'eth0', ipv4: ['a'] },
        { interface: 'eth0', ipv4: ['b'] },
      ],
    },
    'ippools of pod "shop/web-1": [1].interface is "eth0", expected each interface once',
  ],
  [
    { ippool: { ipv4: ['a'] }, routes: { dst: 'x' } },
    'routes of pod "shop/web-1": the object is {"dst":"x"}, expected a list',
  ],
  [
    { ippool: { ipv4: ['a'] }, routes: [{ dst: '10.0.0.1', gw: '10.0.0.1' }] },
    'routes of pod "shop/web-1": [0].dst is "10.0.0.1", expected a network like 10.0.0.0/16 or 0.0.0.0/0',
  ],
  [
    { ippool: { ipv4: ['a'] }, routes: [{ dst: '10.0.0.0/8', gw: 'fd00::1' }] },
    'routes of pod "shop/web-1": [0].gw is "fd00::1", expected an IPv4 address, as dst is one',
  ],
];

for (const [annotations, message] of MALFORMED) {
  test(`spiderpoolWishes() on a wrong annotation: ${message}`, async () => {
    await assert.rejects(wishesOf({ pools: [poolOf('a')], annotations }), {
      code: 'BAD_ANNOTATION',
      message: `Cannot use annotation ipam.spidernet.io/${message}`,
    });
  });
}

test('spiderpoolWishes() gives an address that was asked for to the family that it is of', async () => {
  const pools = [poolOf('a'), pool6Of('b')];
  const annotations = { ippool: { ipv4: ['a'], ipv6: ['b'] } };
  const wishes = await wishesOf({
    pools,
    annotations,
    context: { asked: { ips: ['fd00:30::105/64'], argIps: ['10.0.0.1'] } },
  });
  assert.deepEqual([wishAt(wishes, 0).address, wishAt(wishes, 1).address], [undefined, 'fd00:30::105/64']);
  await assert.rejects(
    wishesOf({ pools, annotations, context: { asked: { ips: ['172.18.30.131', '172.18.30.132'] } } }),
    {
      code: 'ADDRESS_OUTSIDE_POOL',
      message:
        'Cannot take addresses for network "shop/lan": ips holds 172.18.30.131, 172.18.30.132, expected at most one IPv4 and one IPv6 address, as many as its pools give',
    },
  );
});

test("spiderpoolWishes() gives a StatefulSet's pod addresses that stay its own", async () => {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 's1', controller: true }];
  const wishes = await wishesOf({
    pools: [poolOf('a')],
    annotations: { ippool: { ipv4: ['a'] } },
    pod: { ownerReferences },
  });
  assert.deepEqual(wishes.workload, { kind: 'StatefulSet', name: 'web', uid: 's1', member: 'web-1' });
});

const DEPLOYED = {
  pod: {
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5f', uid: 'r1', controller: true }],
  },
  others: [
    [
      REPLICA_SETS,
      {
        metadata: {
          name: 'web-5f',
          namespace: 'shop',
          uid: 'r1',
          ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'd1', controller: true }],
        },
        spec: {},
      },
    ] as const,
    [SPIDER_SUBNETS, subnetOf('s4')] as const,
  ],
};

const AUTO_POOL = poolOf(
  'auto4-web-eth0-d1',
  {
    podAffinity: {
      matchLabels: {
        'ipam.spidernet.io/app-api-group': 'apps',
        'ipam.spidernet.io/app-api-version': 'v1',
        'ipam.spidernet.io/app-kind': 'Deployment',
        'ipam.spidernet.io/app-namespace': 'shop',
        'ipam.spidernet.io/app-name': 'web',
      },
    },
  },
  {
    labels: {
      'ipam.spidernet.io/owner-spider-subnet': 's4',
      'ipam.spidernet.io/owner-application-kind': 'Deployment',
      'ipam.spidernet.io/interface': 'eth0',
      'ipam.spidernet.io/ip-version': 'IPv4',
    },
  },
);

test("spiderpoolWishes() takes the pool that a subnet has made for the pod's top controller", async () => {
  const annotations = { subnet: { ipv4: ['s4'] }, ippool: { ipv4: ['other'] } };
  assert.deepEqual(namesOf(await wishesOf({ ...DEPLOYED, pools: [AUTO_POOL], annotations })), [['auto4-web-eth0-d1']]);
  const several = { subnets: [{ interface: 'eth0', ipv4: ['s4'] }] };
  assert.deepEqual(namesOf(await wishesOf({ ...DEPLOYED, pools: [AUTO_POOL], annotations: several })), [
    ['auto4-web-eth0-d1'],
  ]);
});

test("spiderpoolWishes() keeps a workload's pool from pods of another one", async () => {
  const annotations = { ippool: { ipv4: ['auto4-web-eth0-d1'] } };
  assert.deepEqual(namesOf(await wishesOf({ ...DEPLOYED, pools: [AUTO_POOL], annotations })), [['auto4-web-eth0-d1']]);
  assert.deepEqual(namesOf(await wishesOf({ pools: [AUTO_POOL], annotations })), [['(auto4-web-eth0-d1)']]);
});

test('spiderpoolWishes() waits for a pool that is being made, by the watch', async () => {
  const catalog = catalogOf(DEPLOYED.others);
  const pending = wishesOf({ ...DEPLOYED, annotations: { subnet: { ipv4: ['s4'] } }, context: { catalog } });
  await new Promise(setImmediate);
  catalog.put(SPIDER_IP_POOLS, poolOf('another'));
  catalog.put(SPIDER_IP_POOLS, AUTO_POOL);
  assert.deepEqual(namesOf(await pending), [['auto4-web-eth0-d1']]);
});

test('spiderpoolWishes() says what keeps a subnet from making a pool', async () => {
  const annotations = { subnet: { ipv4: ['s4'] } };
  await assert.rejects(wishesOf({ ...DEPLOYED, annotations: { subnet: { ipv4: ['s9'] } } }), {
    code: 'NO_POOL',
    message: /interface eth0: there is no SpiderSubnet "s9"$/,
  });
  await assert.rejects(wishesOf({ others: DEPLOYED.others, annotations }), {
    code: 'NO_POOL',
    message: /expected a pod that belongs to one$/,
  });
  await assert.rejects(wishesOf({ ...DEPLOYED, annotations, context: { signal: AbortSignal.abort() } }), {
    code: 'NO_POOL',
    message:
      /no IPPool available, SpiderSubnet "s4" has made no IPv4 pool for Deployment shop\/web yet: the controller makes it$/,
  });
  const twice = {
    subnets: [
      { interface: 'eth0', ipv4: ['s4'] },
      { interface: 'net1', ipv4: ['s4'] },
    ],
  };
  await assert.rejects(wishesOf({ ...DEPLOYED, annotations: twice }), {
    code: 'BAD_ANNOTATION',
    message: /SpiderSubnet "s4" is named for two interfaces, expected another subnet for each$/,
  });
});

test('spiderpoolWishes() reads the detection of a pool', async () => {
  const pool = poolOf('a', {}, { annotations: { 'underlane.io/detect': 'conflict' } });
  const wishes = await wishesOf({ pools: [pool], annotations: { ippool: { ipv4: ['a'] } } });
  assert.deepEqual(wishAt(wishes).pools[0]?.detect, { conflict: true, gateway: false });
});

test('spiderpoolWishes() asks a pool without addresses last, and says so', async () => {
  const pools = [poolOf('empty', { ips: ['172.18.1.1'], excludeIPs: ['172.18.1.1'] }), poolOf('a')];
  const wishes = await wishesOf({ pools, annotations: { ippool: { ipv4: ['empty', 'a'] } } });
  assert.deepEqual(namesOf(wishes), [['a', '(empty)']]);
  assert.equal(wishAt(wishes).closed, 'other IPPools are filtered out: empty: it has no address to give');
});

test("spiderpoolWishes() takes only pools of the physical function's networks by match_master_subnet", async () => {
  const pools = [poolOf('a'), poolOf('b', { subnet: '10.7.0.0/16', ips: ['10.7.0.9'], gateway: '10.7.0.1' })];
  const asking = { pools, annotations: { ippool: { ipv4: ['a', 'b'] } }, config: { match_master_subnet: true } };
  const masterAddresses = (): readonly string[] => ['10.7.255.1/16', 'fd00::1/64'];
  const wishes = await wishesOf({ ...asking, context: { masterAddresses } });
  assert.deepEqual(namesOf(wishes), [['b', '(a)']]);
  assert.equal(
    wishAt(wishes).closed,
    "other IPPools are filtered out: a: its subnet 172.18.0.0/16 has none of the addresses [10.7.255.1/16, fd00::1/64] of the interface's physical function",
  );
  assert.deepEqual(namesOf(await wishesOf({ ...asking, context: {} })), [['(a)', '(b)']]);
});

test('spiderpoolWishes() gives pods of each zone addresses of its pool, named by all of them', async () => {
  const pools = [
    poolOf('zone-a', { ips: ['172.18.1.1'], nodeName: ['n1', 'n2'] }),
    poolOf('zone-b', { ips: ['172.18.2.1'], nodeName: ['n3'] }),
  ];
  const annotations = { ippool: { ipv4: ['zone-a', 'zone-b'] } };
  assert.deepEqual(namesOf(await wishesOf({ pools, annotations })), [['zone-a', '(zone-b)']]);
  assert.deepEqual(namesOf(await wishesOf({ pools, annotations, context: { node: 'n3' } })), [['zone-b', '(zone-a)']]);
});

test('spiderpoolWishes() passes over members of annotations that mean nothing', async () => {
  const ippools = [{ interface: 'eth0', ipv4: ['a'], nic: 'eth0', routes: [], defaultRoute: true }];
  assert.deepEqual(namesOf(await wishesOf({ pools: [poolOf('a')], annotations: { ippools } })), [['a']]);
});

test('spiderpoolWishes() takes annotations of 250 KB, and shows little of those that are wrong', async () => {
  const many = Array.from({ length: 5000 }, (_, index) => `${'n'.repeat(40)}-${index}`);
  const pools = [poolOf('a')];
  assert.deepEqual(namesOf(await wishesOf({ pools, annotations: { ippool: { ipv4: ['a', ...many] } } })), [['a']]);
  await assert.rejects(wishesOf({ pools, annotations: { ippool: { ipv4: many.join() } } }), (error: Error) => {
    return error.message.length < 300;
  });
  const wishes = await wishesOf({
    pools: [poolOf('off', { disable: true })],
    annotations: { ippool: { ipv4: ['off', ...many] } },
  });
  assert.ok((wishAt(wishes).closed ?? '').length < 2000);
});
