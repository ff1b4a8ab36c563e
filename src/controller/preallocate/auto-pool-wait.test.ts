import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  controllerReference,
  DEPLOYMENTS,
  IP_ALLOCATIONS,
  NETWORK_ATTACHMENT_DEFINITIONS,
  PODS,
  REPLICA_SETS,
  SPIDER_IP_POOLS,
  SPIDER_SUBNETS,
} from '#api';
import type { KubeClient } from '#kube';
import { createAgentLease, eventually, withControllerScene } from '../../../test/controller/scene.ts';
import { AUTO_POOLS_LOOP } from '../auto-pools/auto-pools.ts';
import { PREALLOCATE_LOOP } from './preallocate.ts';

const namespace = 'default';
/** More than are looked at at once. */
const REPLICAS = 40;
const labels = { app: 'web' };

async function createNetwork(client: KubeClient, name: string, ipam: Readonly<Record<string, unknown>>): Promise<void> {
  const config = JSON.stringify({ cniVersion: '1.0.0', name, type: 'macvlan', master: 'up0', ipam });
  await client.create(NETWORK_ATTACHMENT_DEFINITIONS, { metadata: { name, namespace }, spec: { config } });
}

/** A Deployment that gets a pool of its own. @returns the annotations of its pods, and to whom they belong */
async function createWeb(client: KubeClient) {
  await client.create(SPIDER_SUBNETS, {
    metadata: { name: 's4' },
    spec: { subnet: '172.18.0.0/16', ips: ['172.18.60.1-172.18.60.99'] },
  });
  const annotations = {
    'k8s.v1.cni.cncf.io/networks': 'made',
    'ipam.spidernet.io/subnet': JSON.stringify({ interface: 'net1', ipv4: ['s4'] }),
    'ipam.spidernet.io/ippool-ip-number': '+0',
  };
  const template = { metadata: { labels, annotations }, spec: { containers: [{ name: 'c', image: 'x' }] } };
  const spec = { replicas: REPLICAS, selector: { matchLabels: labels }, template };
  const deployment = await client.create(DEPLOYMENTS, { metadata: { name: 'web', namespace }, spec });
  const above = controllerReference(DEPLOYMENTS, deployment);
  const set = await client.create(REPLICA_SETS, {
    metadata: { name: 'web-5f', namespace, ownerReferences: [above] },
    spec,
  });
  return { annotations, ownerReferences: [controllerReference(REPLICA_SETS, set)] };
}

test('pods that wait for their pool to be made hold up no others', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    await createAgentLease(client, 'n1');
    await createNetwork(client, 'lan', { type: 'whereabouts', range: '10.0.0.0/24' });
    await createNetwork(client, 'made', { type: 'spiderpool' });
    const web = await createWeb(client);
    const deps = await join();
    void PREALLOCATE_LOOP.start(deps, signal);
    const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] };
    const names = Array.from({ length: REPLICAS }, (_, index) => `web-${index}`);
    await Promise.all(names.map(name => client.create(PODS, { metadata: { name, namespace, labels, ...web }, spec })));
    const annotations = { 'k8s.v1.cni.cncf.io/networks': 'lan' };
    await client.create(PODS, { metadata: { name: 'other', namespace, annotations }, spec });
    const holders = async (): Promise<readonly string[]> =>
      (await client.list(IP_ALLOCATIONS)).items.map(claim => claim.spec.owner.podName ?? '');
    await eventually('an address of the other one', async () => (await holders()).includes('other'));
    assert.deepEqual((await client.list(SPIDER_IP_POOLS)).items, []);
    // They have waited all the time: nobody else tells the loop of the pool.
    void AUTO_POOLS_LOOP.start(deps, signal).catch(() => undefined); // ends with the scene
    await eventually('addresses of all', async () => new Set(await holders()).size === REPLICAS + 1);
  });
});
