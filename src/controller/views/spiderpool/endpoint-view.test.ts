import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  IP_ALLOCATIONS,
  type IPAllocation,
  NETWORK_ATTACHMENT_DEFINITIONS,
  type OwnerReference,
  PODS,
  type Pod,
  REPLICA_SETS,
  SPIDER_ENDPOINTS,
  SPIDER_IP_POOLS,
  type SpiderEndpoint,
  type SpiderIPPool,
} from '#api';
import { silentLog } from '#base';
import { createPoolCatalog } from '#ipam';
import { isApiError } from '#kube';
import { type ViewScene, withViews } from '../../../../test/views/scene.ts';
import { VIEW_LABELS } from '../ours.ts';
import { claimOf } from '../testing.ts';
import type { View } from '../view.ts';
import { createOwnerFinder, findEndpointFacts } from './endpoint-facts.ts';
import { spiderEndpointView } from './endpoint-view.ts';
import { spiderPoolStatusView } from './pool-status-view.ts';

const POOL: SpiderIPPool = {
  metadata: { name: 'ippool-test' },
  spec: {
    subnet: '172.18.0.0/16',
    ips: ['172.18.30.131-172.18.30.140'],
    gateway: '172.18.0.1',
    multusName: ['kube-system/macvlan-conf'],
  },
};

function claim(pod: string, address: string, more: Partial<Parameters<typeof claimOf>[0]> = {}): IPAllocation {
  const pool = { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'ippool-test' };
  return claimOf({ address, pool, pod, interface: 'eth0', node: 'ipv4-worker', gateway: '172.18.0.1', ...more });
}

function ownedBy(apiVersion: string, kind: string, name: string, uid = `uid-of-${name}`): readonly OwnerReference[] {
  return [{ apiVersion, kind, name, uid, controller: true }];
}

/** Makes a pod whose claims can be made then: the server chooses its uid. */
async function makePod({ client }: ViewScene, name: string, metadata: Partial<Pod['metadata']> = {}): Promise<string> {
  const spec = { nodeName: 'n1', containers: [{ name: 'main', image: 'nginx' }] };
  const pod = await client.create(PODS, { metadata: { name, namespace: 'default', ...metadata }, spec });
  return pod.metadata.uid ?? '';
}

async function endpointView(scene: ViewScene): Promise<View<SpiderEndpoint>> {
  const stop = new AbortController();
  const [pods, pools, nads] = await Promise.all([
    scene.follow(PODS),
    scene.follow(SPIDER_IP_POOLS),
    scene.follow(NETWORK_ATTACHMENT_DEFINITIONS),
  ]);
  const catalog = createPoolCatalog({ client: scene.client, signal: stop.signal, log: silentLog });
  const sources = { pools, nads, ownerOf: createOwnerFinder(catalog) };
  return spiderEndpointView({ pods, factsOf: (pod, claims) => findEndpointFacts(pod, claims, sources) });
}

async function statusOf({ client }: ViewScene, name: string): Promise<SpiderEndpoint['status']> {
  return (await client.get(SPIDER_ENDPOINTS, { namespace: 'default', name })).status;
}

async function isGone({ client }: ViewScene, name: string): Promise<void> {
  const get = client.get(SPIDER_ENDPOINTS, { namespace: 'default', name });
  await assert.rejects(get, error => isApiError(error, 'NotFound'));
}

test('a pool and a Deployment of two pods show as in the tables that people know', async () => {
  await withViews(async scene => {
    const { client, keep, take, table, eventually } = scene;
    await client.create(SPIDER_IP_POOLS, POOL);
    const set = await client.create(REPLICA_SETS, {
      metadata: {
        ...{ name: 'test-app-f9f94688', namespace: 'default' },
        ownerReferences: ownedBy('apps/v1', 'Deployment', 'test-app'),
      },
      spec: {},
    });
    keep(spiderPoolStatusView());
    keep(await endpointView(scene));
    const ownerReferences = ownedBy('apps/v1', 'ReplicaSet', 'test-app-f9f94688', set.metadata.uid);
    for (const [suffix, address, node] of [
      ['2srj7', '172.18.30.139/16', 'ipv4-worker'],
      ['8982v', '172.18.30.138/16', 'ipv4-control-plane'],
    ] as const) {
      const name = `test-app-f9f94688-${suffix}`;
      const podUid = await makePod(scene, name, { ownerReferences });
      await take(claim(`default/${name}`, address, { node, owner: { podUid } }));
    }
    await eventually(async () => {
      assert.deepEqual(await table(SPIDER_IP_POOLS), [
        {
          ...{ NAME: 'ippool-test', VERSION: '4', SUBNET: '172.18.0.0/16' },
          ...{ 'ALLOCATED-IP-COUNT': '2', 'TOTAL-IP-COUNT': '10', DEFAULT: 'false' },
        },
      ]);
      const common = { INTERFACE: 'eth0', IPV4POOL: 'ippool-test', IPV6POOL: '', IPV6: '' };
      assert.deepEqual(await table(SPIDER_ENDPOINTS), [
        { NAME: 'test-app-f9f94688-2srj7', ...common, IPV4: '172.18.30.139/16', NODE: 'ipv4-worker' },
        { NAME: 'test-app-f9f94688-8982v', ...common, IPV4: '172.18.30.138/16', NODE: 'ipv4-control-plane' },
      ]);
    });
    const pod = await client.get(PODS, { namespace: 'default', name: 'test-app-f9f94688-2srj7' });
    const { uid = '', name } = pod.metadata;
    const endpoint = await client.get(SPIDER_ENDPOINTS, { namespace: 'default', name });
    assert.deepEqual(endpoint.metadata.labels, VIEW_LABELS);
    assert.deepEqual(endpoint.metadata.ownerReferences, [{ apiVersion: 'v1', kind: 'Pod', name, uid }]);
    assert.equal(endpoint.metadata.finalizers, undefined);
    assert.deepEqual(endpoint.status, {
      current: {
        uid,
        node: 'ipv4-worker',
        ips: [
          {
            ...{ interface: 'eth0', ipv4: '172.18.30.139/16', ipv4Pool: 'ippool-test', ipv4Gateway: '172.18.0.1' },
            ...{ cleanGateway: false, vlan: 0 },
          },
        ],
      },
      ownerControllerType: 'Deployment',
      ownerControllerName: 'test-app',
    });
  });
});

test('an endpoint shows both families of every interface, with the routes of pools and pod', async () => {
  await withViews(async scene => {
    const { client, keep, take, eventually } = scene;
    const routes = [{ dst: '10.0.0.0/8', gw: '172.18.0.254' }];
    await client.create(SPIDER_IP_POOLS, { ...POOL, spec: { ...POOL.spec, routes } });
    const pool6 = { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'v6' };
    await client.create(SPIDER_IP_POOLS, {
      metadata: { name: 'v6' },
      spec: { subnet: 'fd00:30::/64', ips: ['fd00:30::100-fd00:30::1ff'] },
    });
    keep(await endpointView(scene));
    const podUid = await makePod(scene, 'web', {
      annotations: {
        'ipam.spidernet.io/ippools':
          '[{"interface":"eth0","ipv4":["ippool-test"]},{"interface":"net1","ipv4":["ippool-test"],"ipv6":["v6"],"cleangateway":true}]',
        'ipam.spidernet.io/routes':
          '[{"dst":"fd09::/16","gw":"fd00:30::fe"},{"dst":"10.9.0.0/16","gw":"172.18.0.253"}]',
      },
    });
    const owner = { podUid };
    await take(claim('default/web', '172.18.30.132/16', { interface: 'net1', owner }));
    await take(claim('default/web', 'fd00:30::101/64', { interface: 'net1', pool: pool6, owner: { podUid, slot: 1 } }));
    await take(claim('default/web', '172.18.30.131/16', { owner }));
    const podRoute = { dst: '10.9.0.0/16', gw: '172.18.0.253' };
    const expected = {
      uid: podUid,
      node: 'ipv4-worker',
      ips: [
        {
          ...{ interface: 'eth0', ipv4: '172.18.30.131/16', ipv4Pool: 'ippool-test', ipv4Gateway: '172.18.0.1' },
          ...{ cleanGateway: false, vlan: 0, routes: [...routes, podRoute] },
        },
        {
          ...{ interface: 'net1', ipv4: '172.18.30.132/16', ipv4Pool: 'ippool-test', ipv4Gateway: '172.18.0.1' },
          ...{ ipv6: 'fd00:30::101/64', ipv6Pool: 'v6', ipv6Gateway: '172.18.0.1', cleanGateway: true, vlan: 0 },
          routes: [...routes, podRoute, { dst: 'fd09::/16', gw: 'fd00:30::fe' }],
        },
      ],
    };
    await eventually(async () => assert.deepEqual((await statusOf(scene, 'web'))?.current, expected));
    // Pods that run keep what they got: so does what is said of them.
    await client.mergePatch(SPIDER_IP_POOLS, { name: 'ippool-test' }, { spec: { routes: null } });
    const name = { namespace: 'default', name: 'web' };
    await client.mergePatch(SPIDER_ENDPOINTS, name, { status: { current: { node: 'elsewhere' } } });
    await eventually(async () => assert.deepEqual((await statusOf(scene, 'web'))?.current, expected));
  });
});

test('an endpoint goes with its last claim, and does not come back for claims of a pod that is gone', async () => {
  await withViews(async scene => {
    const { client, keep, take, release, eventually } = scene;
    await client.create(SPIDER_IP_POOLS, POOL);
    keep(await endpointView(scene));
    const podUid = await makePod(scene, 'web');
    const own = claim('default/web', '172.18.30.131/16', { owner: { podUid } });
    await take(own);
    await eventually(async () => assert.equal((await statusOf(scene, 'web'))?.ownerControllerType, 'Pod'));
    await client.delete(PODS, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 });
    // As the cluster's garbage collector does it, since the pod is its owner.
    await eventually(() => isGone(scene, 'web'));
    const other = claim('default/other', '172.18.30.132/16', { owner: { podUid: await makePod(scene, 'other') } });
    await take(other);
    await eventually(async () => void (await statusOf(scene, 'other')));
    await isGone(scene, 'web');
    await release(own);
    await release(other);
    await eventually(() => isGone(scene, 'other'));
  });
});

test("an endpoint is the living pod's, while claims of its predecessor of the same name still go", async () => {
  await withViews(async scene => {
    const { client, keep, take, eventually } = scene;
    await client.create(SPIDER_IP_POOLS, POOL);
    keep(await endpointView(scene));
    const first = await makePod(scene, 'web');
    await take(claim('default/web', '172.18.30.131/16', { owner: { podUid: first } }));
    await eventually(async () => assert.equal((await statusOf(scene, 'web'))?.current.uid, first));
    await client.delete(PODS, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 });
    const second = await makePod(scene, 'web');
    await take(claim('default/web', '172.18.30.132/16', { owner: { podUid: second } }));
    await eventually(async () => {
      const current = (await statusOf(scene, 'web'))?.current;
      assert.deepEqual([current?.uid, current?.ips.map(({ ipv4 }) => ipv4)], [second, ['172.18.30.132/16']]);
    });
  });
});

test("an endpoint of a StatefulSet's pod stays while its address does, for the next pod too", async () => {
  await withViews(async scene => {
    const { client, keep, take, eventually } = scene;
    await client.create(SPIDER_IP_POOLS, POOL);
    keep(await endpointView(scene));
    const workload = { kind: 'StatefulSet', name: 'db', uid: 'u', member: 'db-0' } as const;
    const ownerReferences = ownedBy('apps/v1', 'StatefulSet', 'db');
    const podUid = await makePod(scene, 'db-0', { ownerReferences });
    const own = claim('default/db-0', '172.18.30.131/16', { owner: { podUid, workload } });
    await take(own);
    await eventually(async () => assert.equal((await statusOf(scene, 'db-0'))?.ownerControllerType, 'StatefulSet'));
    const before = await client.get(SPIDER_ENDPOINTS, { namespace: 'default', name: 'db-0' });
    assert.equal(before.metadata.ownerReferences, undefined);
    await client.delete(PODS, { namespace: 'default', name: 'db-0' }, { gracePeriodSeconds: 0 });
    const next = await makePod(scene, 'db-0', { ownerReferences });
    const spec = { owner: { podUid: next }, node: 'n2' };
    await client.mergePatch(IP_ALLOCATIONS, { name: own.metadata.name }, { spec });
    await eventually(async () => {
      const { current, ownerControllerName } = (await statusOf(scene, 'db-0')) ?? {};
      assert.deepEqual([current?.uid, current?.node, ownerControllerName], [next, 'n2', 'db']);
    });
  });
});

test('an endpoint that Spiderpool keeps is left to it', async () => {
  await withViews(async scene => {
    const { client, keep, take, eventually } = scene;
    await client.create(SPIDER_IP_POOLS, POOL);
    const theirs = await client.create(SPIDER_ENDPOINTS, {
      metadata: { name: 'web', namespace: 'default', finalizers: ['spiderpool.spidernet.io'] },
      status: { current: { uid: 'x', node: 'n9', ips: [] }, ownerControllerType: 'Pod', ownerControllerName: 'web' },
    });
    keep(await endpointView(scene));
    await take(claim('default/web', '172.18.30.131/16', { owner: { podUid: await makePod(scene, 'web') } }));
    await take(claim('default/b', '172.18.30.132/16', { owner: { podUid: await makePod(scene, 'b') } }));
    await eventually(async () => void (await statusOf(scene, 'b')));
    assert.deepEqual(await client.get(SPIDER_ENDPOINTS, { namespace: 'default', name: 'web' }), theirs);
  });
});
