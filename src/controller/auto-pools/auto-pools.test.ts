import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Application,
  controllerReference,
  DAEMON_SETS,
  DEPLOYMENTS,
  EVENTS,
  IP_ALLOCATIONS,
  PODS,
  REPLICA_SETS,
  type Resource,
  SPIDER_IP_POOLS,
  SPIDER_SUBNETS,
  type SpiderIPPool,
} from '#api';
import { type ControllerScene, eventually, withControllerScene } from '../../../test/controller/scene.ts';
import { claimOn } from '../../api/testing.ts';
import { AUTO_POOLS_LOOP } from './auto-pools.ts';

const KEY = 'ipam.spidernet.io/';
const namespace = 'default';
const containers = [{ name: 'c', image: 'x' }];

/** A cluster with a subnet and a controller that makes pools of it. */
async function withPools(run: (scene: ControllerScene) => Promise<void>, replicas = 1): Promise<void> {
  await withControllerScene(async scene => {
    await scene.client.create(SPIDER_SUBNETS, {
      metadata: { name: 's4' },
      spec: { subnet: '172.18.0.0/16', ips: ['172.18.40.1-172.18.40.20'], gateway: '172.18.0.1' },
    });
    for (let index = 0; index < replicas; index++) {
      const deps = await scene.join();
      void AUTO_POOLS_LOOP.start(deps, scene.signal).catch(() => undefined); // ends with the scene
    }
    await run(scene);
  });
}

function annotationsOf(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${KEY}${key}`, value]));
}

const SUBNET = { subnet: '{"ipv4":["s4"]}', 'ippool-ip-number': '+1' };

function createApp(
  { client }: ControllerScene,
  resource: Resource<Application>,
  name: string,
  spec: Readonly<Record<string, unknown>>,
  annotations: Readonly<Record<string, string>> = SUBNET,
): Promise<Application> {
  const labels = { app: name };
  return client.create(resource, {
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations: annotationsOf(annotations) }, spec: { containers } },
      ...spec,
    },
  } as Application);
}

async function poolsOf({ client }: ControllerScene): Promise<readonly SpiderIPPool[]> {
  return (await client.list(SPIDER_IP_POOLS)).items;
}

async function eventuallyIps(scene: ControllerScene, expected: readonly (readonly string[])[]): Promise<void> {
  let seen: unknown;
  await eventually(`pools with ${JSON.stringify(expected)}`, async () => {
    seen = (await poolsOf(scene)).map(({ spec }) => spec.ips ?? []).sort();
    return JSON.stringify(seen) === JSON.stringify(expected);
  }).catch(error => assert.deepEqual(seen, expected, String(error)));
}

async function hold({ client }: ControllerScene, pool: string, address: string): Promise<void> {
  const { metadata, spec } = claimOn(`${address}/16`, {
    pool: { dialect: 'spiderpool', kind: 'SpiderIPPool', name: pool },
  });
  await client.create(IP_ALLOCATIONS, { metadata: { name: metadata.name }, spec });
}

test('a Deployment gets a pool that follows its replicas and goes with it', async () => {
  await withPools(async scene => {
    await createApp(scene, DEPLOYMENTS, 'web', { replicas: 2 });
    await eventuallyIps(scene, [['172.18.40.1-172.18.40.3']]);
    const [pool] = await poolsOf(scene);
    assert.match(pool?.metadata.name ?? '', /^auto4-web-eth0-[0-9a-f]{5}$/);
    assert.equal(pool?.spec.gateway, '172.18.0.1');
    await scene.client.mergePatch(DEPLOYMENTS, { namespace, name: 'web' }, { spec: { replicas: 4 } });
    await eventuallyIps(scene, [['172.18.40.1-172.18.40.5']]);
    await hold(scene, pool?.metadata.name ?? '', '172.18.40.4');
    await scene.client.mergePatch(DEPLOYMENTS, { namespace, name: 'web' }, { spec: { replicas: 1 } });
    await eventuallyIps(scene, [['172.18.40.1', '172.18.40.4']]);
    await scene.client.delete(DEPLOYMENTS, { namespace, name: 'web' });
    await scene.client.delete(IP_ALLOCATIONS, { name: 'default-172.18.40.4' });
    await eventuallyIps(scene, []);
  });
});

test('a pool that shrinks goes on when an address is given back', async () => {
  await withPools(async scene => {
    await createApp(scene, DEPLOYMENTS, 'web', { replicas: 3 });
    await eventuallyIps(scene, [['172.18.40.1-172.18.40.4']]);
    const [pool] = await poolsOf(scene);
    for (const last of [1, 2, 3, 4]) await hold(scene, pool?.metadata.name ?? '', `172.18.40.${last}`);
    await scene.client.mergePatch(DEPLOYMENTS, { namespace, name: 'web' }, { spec: { replicas: 0 } });
    await createApp(scene, DEPLOYMENTS, 'other', { replicas: 0 });
    await eventuallyIps(scene, [['172.18.40.1-172.18.40.4'], ['172.18.40.5']]);
    for (const last of [1, 2, 4]) await scene.client.delete(IP_ALLOCATIONS, { name: `default-172.18.40.${last}` });
    await eventuallyIps(scene, [['172.18.40.3'], ['172.18.40.5']]);
  });
});

test('many workloads at once, and two controllers, get pools that have no address in common', async () => {
  await withPools(async scene => {
    const names = Array.from({ length: 6 }, (_, index) => `app-${index}`);
    await Promise.all(names.map(name => createApp(scene, DEPLOYMENTS, name, { replicas: 2 })));
    await eventually('six pools of three addresses without overlap', async () => {
      const addresses = (await poolsOf(scene)).flatMap(({ spec: { ips = [] } }) =>
        ips.flatMap(range => {
          const [first, last = first] = range.split('-').map(text => Number(text.split('.')[3]));
          return Array.from({ length: (last ?? 0) - (first ?? 0) + 1 }, (_, index) => (first ?? 0) + index);
        }),
      );
      return addresses.length === 18 && new Set(addresses).size === 18;
    });
  }, 2);
});

test('a DaemonSet has as many addresses as nodes, and a ReplicaSet of a Deployment has no pool of its own', async () => {
  await withPools(async scene => {
    const daemons = await createApp(scene, DAEMON_SETS, 'daemon', {}, { ...SUBNET, 'ippool-ip-number': '+0' });
    await scene.client.mergePatch(
      DAEMON_SETS,
      daemons.metadata as { name: string },
      { status: { desiredNumberScheduled: 3 } },
      { subresource: 'status' },
    );
    await eventuallyIps(scene, [['172.18.40.1-172.18.40.3']]);
    const deployment = await createApp(scene, DEPLOYMENTS, 'web', { replicas: 1 });
    await scene.client.create(REPLICA_SETS, {
      metadata: {
        name: 'web-5f',
        namespace,
        ownerReferences: [controllerReference(DEPLOYMENTS, deployment)],
      },
      spec: deployment.spec,
    });
    await eventuallyIps(scene, [['172.18.40.1-172.18.40.3'], ['172.18.40.4-172.18.40.5']]);
  });
});

test('pods of a controller that nobody knows get a pool of a fixed size', async () => {
  await withPools(async scene => {
    const owner = {
      apiVersion: 'apps.kruise.io/v1alpha1',
      kind: 'CloneSet',
      name: 'clone',
      uid: 'uid-of-clone',
      controller: true,
    };
    const createPod = (name: string, number: string): Promise<unknown> =>
      scene.client.create(PODS, {
        metadata: {
          name,
          namespace,
          ownerReferences: [owner],
          annotations: annotationsOf({ ...SUBNET, 'ippool-ip-number': number }),
        },
        spec: { containers },
      });
    await createPod('clone-a', '2');
    await eventuallyIps(scene, [['172.18.40.1-172.18.40.2']]);
    await scene.client.delete(PODS, { namespace, name: 'clone-a' }, { gracePeriodSeconds: 0 });
    await eventuallyIps(scene, []);
    await createPod('clone-b', '+2');
    const event = await eventually('an event', async () =>
      (await scene.client.list(EVENTS, { namespace })).items.find(({ reason }) => reason === 'IPPoolNotReady'),
    );
    assert.match(
      event.message,
      /^Cannot make a pool for CloneSet "default\/clone": .* is "\+2", expected a fixed number like 2/,
    );
  });
});

test('what cannot be had is told to the workload', async () => {
  await withPools(async scene => {
    await createApp(scene, DEPLOYMENTS, 'greedy', { replicas: 30 });
    await eventuallyIps(scene, [['172.18.40.1-172.18.40.20']]);
    const event = await eventually('an event', async () =>
      (await scene.client.list(EVENTS, { namespace })).items.find(({ reason }) => reason === 'IPPoolNotReady'),
    );
    assert.deepEqual([event.involvedObject.kind, event.involvedObject.name], ['Deployment', 'greedy']);
    assert.equal(
      event.message,
      'SpiderSubnet "s4" has too few free addresses: the IPv4 pool for interface eth0 gets 20 of 31',
    );
  });
});
