import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NAMESPACES, NODES, type SpiderIPPool } from '#api';
import { pool6Of, poolOf } from './testing.ts';
import { namesOf, wishAt, wishesOf } from './testing-wishes.ts';

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

/** Where to look for the names of the pools. */
const NAMED = 'named by annotation ipam.spidernet.io/ippool of pod "shop/web-1"';

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
      reason === undefined
        ? undefined
        : `no IPPool available, all IPv4 IPPools [a] of eth0 filtered out: a: ${reason}; ${NAMED}`,
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
    /its multusName \["x"\] does not match eth0 of no NetworkAttachmentDefinition; named by annotation ipam.spidernet.io\/ippool of pod "shop\/web-1"$/,
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
    'no IPPool available, all IPv4 IPPools [none, x-*, off, gone, six, bad] of eth0 filtered out: none: there is no such SpiderIPPool; x-*: it matches no IPv4 SpiderIPPool; off: it is disabled; gone: it is being deleted; six: its subnet is fd00:30::/64, expected an IPv4 one; bad: spec.gateway is "172.18.30.131", expected an address that pods do not get: add it to spec.excludeIPs, or take it out of spec.ips; ' +
      NAMED,
  );
});

test('spiderpoolWishes() takes no address of a pool that Spiderpool itself hands out', async () => {
  const pool = poolOf('a', {}, { finalizers: ['spiderpool.spidernet.io'] });
  const wishes = await wishesOf({ pools: [pool], annotations: { ippool: { ipv4: ['a'] } } });
  assert.deepEqual(namesOf(wishes), [['(a)']]);
  assert.match(
    wishAt(wishes).closed ?? '',
    /a: Spiderpool keeps it, until "underlane migrate --from spiderpool" takes it over; named by annotation ipam.spidernet.io\/ippool of pod "shop\/web-1"$/,
  );
});

test('spiderpoolWishes() tells apart pools that are not there, not readable, not of the family', async () => {
  const annotations = { ippool: { ipv4: ['a'] } };
  await assert.rejects(wishesOf({ annotations }), {
    code: 'NO_POOL',
    message: `Cannot take an address for network "shop/lan": no IPPool available, all IPv4 IPPools [a] of eth0 filtered out: a: there is no such SpiderIPPool; ${NAMED}`,
  });
  await assert.rejects(wishesOf({ annotations, pools: [poolOf('a', { ips: ['x'] })] }), {
    code: 'BAD_POOL',
    message: /a: spec.ips\[0\] is "x", expected/,
  });
  await assert.rejects(wishesOf({ annotations, pools: [pool6Of('a')] }), {
    code: 'POOL_NOT_FOR_POD',
    message:
      /a: its subnet is fd00:30::\/64, expected an IPv4 one; named by annotation ipam.spidernet.io\/ippool of pod "shop\/web-1"$/,
  });
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

test('spiderpoolWishes() says who names pools that are not there', async () => {
  const namespace = { metadata: { name: 'shop', annotations: { 'ipam.spidernet.io/default-ipv6-ippool': '["x"]' } } };
  const cases = [
    [{ annotations: { ippools: [{ ipv4: ['x'] }] } }, 'annotation ipam.spidernet.io/ippools of pod "shop/web-1"'],
    [{ others: [[NAMESPACES, namespace]] }, 'annotation ipam.spidernet.io/default-ipv6-ippool of namespace "shop"'],
    [{ config: { default_ipv4_ippool: ['x'] } }, "default_ipv4_ippool of the network's configuration"],
    [{ pools: [poolOf('a', { default: true, ips: ['x'] })] }, 'nobody, so that those with spec.default are asked'],
  ] as const;
  for (const [asking, by] of cases) {
    await assert.rejects(wishesOf(asking), ({ message }: Error) => message.endsWith(`; named by ${by}`), by);
  }
});
