import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NAMESPACES } from '#api';
import { pool6Of, poolOf } from './testing.ts';
import { KEY, namesOf, wishAt, wishesOf } from './testing-wishes.ts';

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

test('spiderpoolWishes() gives pods of each zone addresses of its pool, named by all of them', async () => {
  const pools = [
    poolOf('zone-a', { ips: ['172.18.1.1'], nodeName: ['n1', 'n2'] }),
    poolOf('zone-b', { ips: ['172.18.2.1'], nodeName: ['n3'] }),
  ];
  const annotations = { ippool: { ipv4: ['zone-a', 'zone-b'] } };
  assert.deepEqual(namesOf(await wishesOf({ pools, annotations })), [['zone-a', '(zone-b)']]);
  assert.deepEqual(namesOf(await wishesOf({ pools, annotations, context: { node: 'n3' } })), [['zone-b', '(zone-a)']]);
});

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
