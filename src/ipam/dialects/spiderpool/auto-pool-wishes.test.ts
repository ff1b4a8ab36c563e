import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REPLICA_SETS, SPIDER_IP_POOLS, SPIDER_SUBNETS } from '#api';
import { catalogOf } from '../../testing.ts';
import { poolOf, subnetOf } from './testing.ts';
import { namesOf, wishesOf } from './testing-wishes.ts';

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
      /no IPPool available, SpiderSubnet "s4" has made no IPv4 pool for Deployment shop\/web yet: the controller makes it, or says in an Event of the Deployment why not$/,
  });
  await assert.rejects(wishesOf({ ...DEPLOYED, annotations: { subnet: { ipv6: ['s4'] } } }), {
    code: 'NO_POOL',
    message: /SpiderSubnet "s4" is IPv4, expected an IPv6 one$/,
  });
  await assert.rejects(wishesOf({ ...DEPLOYED, annotations: { ...annotations, 'ippool-ip-number': '-1' } }), {
    code: 'BAD_ANNOTATION',
    message: /ippool-ip-number of pod "shop\/web-1": it is "-1", expected how many addresses in all/,
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
