import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  IP_ALLOCATIONS,
  PODS,
  type Pod,
  REPLICA_SETS,
  SPIDER_ENDPOINTS,
  SPIDER_IP_POOLS,
  SPIDER_SUBNETS,
  type SpiderIPPool,
} from '#api';
import { systemClock } from '#base';
import type { KubeClient } from '#kube';
import { eventually } from '../../../../test/controller/scene.ts';
import { collectOnce } from '../../collect/collect-claims.ts';
import { createSightings } from '../../collect/sightings.ts';
import { PREALLOCATE_LOOP } from '../../preallocate/preallocate.ts';
import { createNetwork, createPod, createSet, go, held, outcomes, withNode } from '../testing.ts';
import { readPool, SPIDERPOOL } from './spiderpool.ts';

function poolOf(allocatedIPs: string): SpiderIPPool {
  return {
    metadata: { name: 'pool4', finalizers: ['spiderpool.spidernet.io'] },
    spec: { subnet: '10.6.0.0/16' },
    status: { allocatedIPs },
  };
}

test('readPool() of Spiderpool says what it cannot read, and reads what older versions wrote', () => {
  const none = new Map<string, never>();
  for (const [text, message] of [
    ['{', /^SpiderIPPool pool4: status\.allocatedIPs is "\{", expected a JSON object of addresses$/],
    ['[]', /is "\[\]"/],
    ['{"here":{}}', /holds "here", expected addresses, with who has them$/],
    ['{"10.6.0.9":"default/a"}', /holds "10\.6\.0\.9"/],
  ] as const) {
    assert.match(readPool(poolOf(text), none).problem ?? '', message);
  }
  const older = readPool(poolOf('{"10.6.0.9":{"namespacedName":"default/a","podUid":"u"}}'), none);
  assert.deepEqual([older.records[0]?.pod, older.problem], [{ namespace: 'default', name: 'a', uid: 'u' }, undefined]);
  assert.deepEqual(readPool(poolOf(''), none).records, []);
});

test('migrate() imports what SpiderIPPools say, on the interfaces that SpiderEndpoints say', async () => {
  await withNode(async scene => {
    const { client } = scene;
    await createNetwork(client, 'lan', { type: 'spiderpool' });
    const finalizers = ['spiderpool.spidernet.io'];
    const pool = await client.create(SPIDER_IP_POOLS, {
      metadata: { name: 'pool4', finalizers },
      spec: { subnet: '10.6.0.0/16', ips: ['10.6.0.10-10.6.0.20'], gateway: '10.6.0.1' },
    });
    const annotations = { 'ipam.spidernet.io/ippool': JSON.stringify({ ipv4: ['pool4'] }) };
    const pod = await createPod(client, 'a', { networks: 'lan,lan', annotations });
    const podUid = pod.metadata.uid ?? '';
    const allocated = {
      '10.6.0.10': { pod: 'default/a', podUid },
      '10.6.0.12': { pod: 'default/a', podUid },
      '10.6.0.11': { pod: 'default/a', podUid: 'former' },
    };
    await client.mergePatch(
      SPIDER_IP_POOLS,
      pool.metadata,
      { status: { allocatedIPs: JSON.stringify(allocated), totalIPCount: 11, allocatedIPCount: 3 } },
      { subresource: 'status' },
    );
    const ips = [
      { interface: 'net1', ipv4: '10.6.0.12/16', ipv4Pool: 'pool4' },
      { interface: 'net2', ipv4: '10.6.0.10/16', ipv4Pool: 'pool4' },
    ];
    await client.create(SPIDER_ENDPOINTS, {
      metadata: { name: 'a', namespace: 'default', finalizers },
      status: { current: { uid: podUid, node: 'n1', ips }, ownerControllerType: 'Pod', ownerControllerName: 'a' },
    });
    const report = await go(scene, SPIDERPOOL);
    assert.deepEqual(outcomes(report), ['10.6.0.10 imported', '10.6.0.11 stale', '10.6.0.12 imported']);
    assert.deepEqual(await held(client), [
      ['default-10.6.0.10', 'a', 'net2', 'n1', 'spiderpool'],
      ['default-10.6.0.12', 'a', 'net1', 'n1', 'spiderpool'],
    ]);
    assert.deepEqual([...report.takenOver].sort(), ['SpiderEndpoint default/a', 'SpiderIPPool pool4']);
    assert.equal((await client.get(SPIDER_IP_POOLS, pool.metadata)).metadata.finalizers?.length ?? 0, 0);
  });
});

const FINALIZERS = ['spiderpool.spidernet.io'];

/** What Spiderpool has left of a pool, and of who has its addresses. */
async function createPool(
  client: KubeClient,
  allocated: Readonly<Record<string, unknown>>,
  more: Partial<SpiderIPPool> = {},
): Promise<void> {
  const metadata = { name: 'pool4', finalizers: FINALIZERS, ...more.metadata };
  const spec = { subnet: '10.6.0.0/16', ips: ['10.6.0.10-10.6.0.20'], gateway: '10.6.0.1', ...more.spec };
  await client.create(SPIDER_IP_POOLS, { metadata, spec });
  const status = { allocatedIPs: JSON.stringify(allocated), totalIPCount: 11, allocatedIPCount: 3 };
  await client.mergePatch(SPIDER_IP_POOLS, { name: metadata.name }, { status }, { subresource: 'status' });
}

test('migrate() imports addresses that wait for pods of a StatefulSet, and the next pods find them', async () => {
  await withNode(async scene => {
    const { client, join, signal } = scene;
    await createNetwork(client, 'lan', { type: 'spiderpool' });
    const items = ['net1', 'net2'].map(name => ({ interface: name, ipv4: ['pool4'] }));
    const set = await createSet(client, 'db', 2, {
      'k8s.v1.cni.cncf.io/networks': 'lan,lan',
      'ipam.spidernet.io/ippools': JSON.stringify(items),
    });
    await createPool(client, {
      '10.6.0.11': { pod: 'default/db-1', podUid: 'former' },
      '10.6.0.12': { pod: 'default/db-1', podUid: 'former' },
      '10.6.0.13': { pod: 'default/db-2', podUid: 'scaled away' },
      '10.6.0.14': { pod: 'default/web-0', podUid: 'nobody' },
    });
    const ips = [
      { interface: 'net1', ipv4: '10.6.0.12/16', ipv4Pool: 'pool4' },
      { interface: 'net2', ipv4: '10.6.0.11/16', ipv4Pool: 'pool4' },
    ];
    await client.create(SPIDER_ENDPOINTS, {
      metadata: { name: 'db-1', namespace: 'default', finalizers: FINALIZERS },
      status: {
        current: { uid: 'former', node: 'gone', ips },
        ownerControllerType: 'StatefulSet',
        ownerControllerName: 'db',
      },
    });
    const expected = ['10.6.0.11', '10.6.0.12'];
    const all = (outcome: string) => [...expected.map(ip => `${ip} ${outcome}`), '10.6.0.13 stale', '10.6.0.14 stale'];
    assert.deepEqual(outcomes(await go(scene, SPIDERPOOL, { isDryRun: true })), all('missing'));
    assert.deepEqual(outcomes(await go(scene, SPIDERPOOL)), all('imported'));
    assert.deepEqual(await held(client), [
      ['default-10.6.0.11', 'db-1', 'net2', 'gone', 'spiderpool'],
      ['default-10.6.0.12', 'db-1', 'net1', 'gone', 'spiderpool'],
    ]);
    // Its node is gone, and its pod: they stay for the next one all the same.
    const deps = await join();
    await collectOnce(deps, createSightings({ ...systemClock, now: () => 0 }), signal);
    const { metadata, spec } = set.spec.template as Pick<Pod, 'metadata' | 'spec'>;
    const owner = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      name: 'db',
      uid: set.metadata.uid ?? '',
      controller: true,
    };
    const next = await client.create(PODS, {
      metadata: { ...metadata, name: 'db-1', namespace: 'default', ownerReferences: [owner] },
      spec: { ...spec, nodeName: 'n1' },
    });
    void PREALLOCATE_LOOP.start(deps, signal).catch(() => undefined); // ends with the scene
    await eventually('the next pod has them', async () => {
      const { items } = await client.list(IP_ALLOCATIONS);
      return items.every(({ spec: { owner: now } }) => now.podUid === next.metadata.uid);
    });
    assert.deepEqual(
      (await held(client)).map(([name, , ifname, node]) => [name, ifname, node]),
      [
        ['default-10.6.0.11', 'net2', 'n1'],
        ['default-10.6.0.12', 'net1', 'n1'],
      ],
    );
  });
});

test('migrate() imports addresses of pools that Spiderpool has made from a SpiderSubnet', async () => {
  await withNode(async scene => {
    const { client } = scene;
    await createNetwork(client, 'lan', { type: 'spiderpool' });
    await client.create(SPIDER_SUBNETS, {
      metadata: { name: 's4', finalizers: FINALIZERS },
      spec: { subnet: '10.6.0.0/16', ips: ['10.6.0.10-10.6.0.20'] },
    });
    const labels = { app: 'web' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } };
    const spec = { replicas: 1, selector: { matchLabels: labels }, template };
    const set = await client.create(REPLICA_SETS, { metadata: { name: 'web', namespace: 'default' }, spec });
    const uid = set.metadata.uid ?? '';
    const annotations = { 'ipam.spidernet.io/subnet': JSON.stringify({ interface: 'net1', ipv4: ['s4'] }) };
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid, controller: true };
    const pod = await createPod(client, 'web-x', { networks: 'lan', annotations, ownerReferences: [owner] });
    const app = 'ipam.spidernet.io/app-';
    const own = 'ipam.spidernet.io/owner-';
    await createPool(
      client,
      { '10.6.0.10': { pod: 'default/web-x', podUid: pod.metadata.uid } },
      {
        metadata: {
          name: 'auto4-web-net1-12345',
          labels: {
            [`${own}spider-subnet`]: 's4',
            [`${own}application-gv`]: 'apps_v1',
            [`${own}application-kind`]: 'ReplicaSet',
            [`${own}application-namespace`]: 'default',
            [`${own}application-name`]: 'web',
            [`${own}application-uid`]: uid,
            'ipam.spidernet.io/interface': 'net1',
            'ipam.spidernet.io/ip-version': 'IPv4',
          },
        },
        spec: {
          subnet: '10.6.0.0/16',
          ips: ['10.6.0.10'],
          podAffinity: {
            matchLabels: {
              [`${app}api-group`]: 'apps',
              [`${app}api-version`]: 'v1',
              [`${app}kind`]: 'ReplicaSet',
              [`${app}namespace`]: 'default',
              [`${app}name`]: 'web',
            },
          },
        },
      },
    );
    assert.deepEqual(outcomes(await go(scene, SPIDERPOOL)), ['10.6.0.10 imported']);
    const [claim] = (await client.list(IP_ALLOCATIONS)).items;
    assert.deepEqual(claim?.spec.pool.name, 'auto4-web-net1-12345');
  });
});
