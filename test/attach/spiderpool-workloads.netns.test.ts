import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  controllerReference,
  DEPLOYMENTS,
  REPLICA_SETS,
  SPIDER_IP_POOLS,
  SPIDER_SUBNETS,
  STATEFUL_SETS,
  type StatefulSet,
} from '#api';
import { AUTO_POOLS_LOOP } from '../../src/controller/auto-pools/auto-pools.ts';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { joinAsReplica } from '../controller/scene.ts';
import type { AttachNode } from './node.ts';
import { addressOf, routesOf } from './pod-kernel.ts';
import { type Scene, setEachScene } from './scene.ts';
import { type Owner, type SpiderpoolScene, spiderpoolScene, textsOf, type Values } from './spiderpool-scene.ts';
import type { World } from './world.ts';

/** Spiderpool's fixed addresses and made-to-measure pools through the whole pipeline. */
const { skip } = skipUnlessRing2();

let world: World;
let node: AttachNode;
let scene: SpiderpoolScene;
let ending: Scene['ending'];

setEachScene(skip, async own => {
  ({ world, ending } = own);
  node = await own.startNode();
  scene = spiderpoolScene(world, node);
  await scene.createNad('lan');
});

async function createSet(replicas: number): Promise<Owner> {
  const labels = { app: 'db' };
  const set = await world.cluster.client.create(STATEFUL_SETS, {
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      replicas,
      serviceName: 'db',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    },
  } as StatefulSet);
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: set.metadata.uid ?? '' };
}

/** The next life of db-0. @returns the addresses of its interfaces */
async function restart(
  owner: Owner,
  sandbox: string,
  annotations: Values,
  networks = 'lan',
): Promise<readonly string[]> {
  await scene.add(await scene.createPod('db-0', annotations, networks, owner), sandbox);
  return networks.split(',').map((_, index) => addressOf(sandbox, `net${index + 1}`));
}

/** A node asks once a minute about addresses whose pod is gone, unless something happens to the pod. */
async function lookAgain(): Promise<void> {
  for (const { spec } of await world.cluster.claims()) node.releaser.podChanged(spec.owner.podUid ?? '');
}

test('pods of every kind of controller have addresses, and give them back', { skip }, async () => {
  await scene.createPool('a');
  const kinds = {
    Deployment: 'apps/v1',
    ReplicaSet: 'apps/v1',
    DaemonSet: 'apps/v1',
    Job: 'batch/v1',
    CloneSet: 'apps.kruise.io/v1',
  };
  for (const [kind, apiVersion] of Object.entries(kinds)) {
    const owner = { apiVersion, kind, name: 'owner', uid: `uid-of-${kind}` };
    const name = `of-${kind.toLowerCase()}`;
    await scene.add(await scene.createPod(name, { ippool: { ipv4: ['a'] } }, 'lan', owner));
    assert.match(addressOf(name), /^172\.18\.40\.\d+\/16$/);
  }
  await scene.eventuallyHeld('a', Object.keys(kinds).length);
  for (const kind of Object.keys(kinds)) await scene.end(`of-${kind.toLowerCase()}`);
  await scene.eventuallyHeld('a', 0);
});

test("a StatefulSet's pod keeps its addresses until another pool is named", { skip }, async () => {
  await scene.createPool('a');
  await scene.createPool('b', { ips: ['172.18.50.1-172.18.50.9'] });
  const owner = await createSet(1);
  const first = await restart(owner, 'db-a', { ippool: { ipv4: ['a'] } });
  await scene.end('db-0', 'db-a');
  await scene.add(await scene.createPod('between', { ippool: { ipv4: ['a'] } }));
  assert.notEqual(addressOf('between'), first[0]);
  assert.deepEqual(await restart(owner, 'db-b', { ippool: { ipv4: ['a'] } }), first);
  await scene.end('db-0', 'db-b');
  const [moved = ''] = await restart(owner, 'db-c', { ippool: { ipv4: ['b'] } });
  assert.match(moved, /^172\.18\.50\./);
  await lookAgain();
  await scene.eventuallyHeld('a', 1);
});

test("a StatefulSet's pod keeps the addresses of all its interfaces, named or in their order", { skip }, async () => {
  for (const [name, third] of Object.entries({ a: 51, b: 52, c: 53 })) {
    await scene.createPool(name, { ips: [`172.18.${third}.1-172.18.${third}.9`] });
  }
  const owner = await createSet(1);
  const unnamed = { ippools: ['a', 'a', 'b'].map(pool => ({ ipv4: [pool] })) };
  const first = await restart(owner, 'nics-a', unnamed, 'lan,lan');
  assert.match(first.join(' '), /^172\.18\.51\.\d\/16 172\.18\.52\.\d\/16$/);
  await scene.end('db-0', 'nics-a');
  const named = {
    ippools: ['eth0', 'net1', 'net2'].map((name, index) => ({ interface: name, ipv4: [['a', 'a', 'b'][index]] })),
  };
  assert.deepEqual(await restart(owner, 'nics-b', named, 'lan,lan'), first);
  await scene.end('db-0', 'nics-b');
  const changed = { ippools: ['a', 'a', 'c'].map(pool => ({ ipv4: [pool] })) };
  const second = await restart(owner, 'nics-c', changed, 'lan,lan');
  assert.equal(second[0], first[0]);
  assert.match(second[1] ?? '', /^172\.18\.53\./);
  await lookAgain();
  await scene.eventuallyHeld('b', 0);
});

test('addresses go with a StatefulSet that is scaled down, and with one that is deleted', { skip }, async () => {
  await scene.createPool('a');
  const { client } = world.cluster;
  const owner = await createSet(1);
  await restart(owner, 'scaled', { ippool: { ipv4: ['a'] } });
  await scene.end('db-0', 'scaled');
  await lookAgain();
  await scene.eventuallyHeld('a', 1);
  await client.mergePatch(STATEFUL_SETS, { namespace: 'default', name: 'db' }, { spec: { replicas: 0 } });
  await lookAgain();
  await scene.eventuallyHeld('a', 0);
});

test('a change of gateway and routes is for pods that come after it', { skip }, async () => {
  await scene.createPool('a', { routes: [{ dst: '10.5.0.0/16', gw: '172.18.0.7' }] });
  await scene.add(await scene.createPod('old', { ippool: { ipv4: ['a'] } }));
  await scene.changePool('a', { routes: [{ dst: '10.6.0.0/16', gw: '172.18.0.8' }] });
  for (let index = 0; ; index++) {
    const name = `new-${index}`;
    await scene.add(await scene.createPod(name, { ippool: { ipv4: ['a'] } }));
    if (routesOf(name).includes('10.6.0.0/16 via 172.18.0.8')) break;
    assert.ok(index < 9, 'the node has never seen it');
  }
  assert.ok(routesOf('old').includes('10.5.0.0/16 via 172.18.0.7'));
});

test("a Deployment's pods wait for the pool that its SpiderSubnet makes, and take its addresses alone", {
  skip,
}, async () => {
  const { client } = world.cluster;
  await client.create(SPIDER_SUBNETS, {
    metadata: { name: 's4' },
    spec: { subnet: '172.18.0.0/16', ips: ['172.18.60.1-172.18.60.9'], gateway: '172.18.0.1' },
  });
  const annotations = { subnet: { interface: 'net1', ipv4: ['s4'] }, 'ippool-ip-number': '+0' };
  const labels = { app: 'web' };
  const spec = {
    replicas: 2,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels, annotations: textsOf(annotations) },
      spec: { containers: [{ name: 'c', image: 'x' }] },
    },
  };
  const deployment = await client.create(DEPLOYMENTS, { metadata: { name: 'web', namespace: 'default' }, spec });
  const above = controllerReference(DEPLOYMENTS, deployment);
  const set = await client.create(REPLICA_SETS, {
    metadata: { name: 'web-5f', namespace: 'default', ownerReferences: [above] },
    spec,
  });
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5f', uid: set.metadata.uid ?? '' };
  const adds = Promise.all(
    ['web-a', 'web-b'].map(async name => scene.add(await scene.createPod(name, annotations, 'lan', owner))),
  );
  assert.deepEqual((await client.list(SPIDER_IP_POOLS)).items, []);
  const controller = new AbortController();
  ending.defer(() => controller.abort());
  const deps = await joinAsReplica(client, controller.signal);
  void AUTO_POOLS_LOOP.start(deps, controller.signal).catch(() => undefined); // ends with the test
  await adds;
  assert.deepEqual(['web-a', 'web-b'].map(name => addressOf(name)).sort(), ['172.18.60.1/16', '172.18.60.2/16']);
  const third = scene.createPod('web-c', annotations, 'lan', owner).then(pod => scene.add(pod));
  await client.mergePatch(DEPLOYMENTS, { namespace: 'default', name: 'web' }, { spec: { replicas: 3 } });
  await third;
  assert.equal(addressOf('web-c'), '172.18.60.3/16');
  const other = await scene.createPod('other', { ippool: { ipv4: [`auto4-web-net1-${above.uid.slice(-5)}`] } });
  await assert.rejects(scene.add(other), {
    code: 'POOL_NOT_FOR_POD',
    message:
      /its podAffinity .* does not match the pod; named by annotation ipam\.spidernet\.io\/ippool of pod "default\/other"$/,
  });
});
