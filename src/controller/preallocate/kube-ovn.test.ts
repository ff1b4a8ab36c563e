import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEPLOYMENTS, IP_ALLOCATIONS, KUBE_OVN_SUBNETS, NETWORK_ATTACHMENT_DEFINITIONS, PODS, type Pod } from '#api';
import type { KubeClient } from '#kube';
import { createAgentLease, eventually, withControllerScene } from '../../../test/controller/scene.ts';
import { PREALLOCATE_LOOP } from './preallocate.ts';

const MACVLAN = {
  cniVersion: '0.3.1',
  name: 'macvlan',
  type: 'macvlan',
  master: 'eth1',
  ipam: { type: 'kube-ovn', server_socket: '/run/openvswitch/kube-ovn-daemon.sock', provider: 'macvlan.default' },
};

/** A network of five addresses, and a node with an agent. */
async function createMacvlan(client: KubeClient): Promise<void> {
  const metadata = { name: 'macvlan', namespace: 'default' };
  await client.create(NETWORK_ATTACHMENT_DEFINITIONS, { metadata, spec: { config: JSON.stringify(MACVLAN) } });
  await client.create(KUBE_OVN_SUBNETS, {
    metadata: { name: 'macvlan' },
    spec: { provider: 'macvlan.default', cidrBlock: '172.17.0.0/29', gateway: '172.17.0.6' },
  });
  await createAgentLease(client, 'n1');
}

function createPod(client: KubeClient, name: string): Promise<Pod> {
  const annotations = { 'k8s.v1.cni.cncf.io/networks': 'macvlan' };
  const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] };
  return client.create(PODS, { metadata: { name, namespace: 'default', annotations }, spec });
}

/** The address that is taken for a new pod. */
async function taken(client: KubeClient, name: string): Promise<string> {
  await createPod(client, name);
  return eventually(`the address of ${name}`, async () => {
    const { items } = await client.list(IP_ALLOCATIONS);
    return items.find(({ spec }) => spec.owner.podName === name)?.spec.address;
  });
}

async function give(client: KubeClient, address: string, pod: string): Promise<void> {
  await client.delete(PODS, { namespace: 'default', name: pod }, { gracePeriodSeconds: 0 });
  const name = `default-${address.split('/')[0]}`;
  // As the pod's node does, if the loop has not done so.
  await client.delete(IP_ALLOCATIONS, { name }).catch(() => undefined);
  await eventually('its end', async () => {
    const { items } = await client.list(IP_ALLOCATIONS);
    return !items.some(({ metadata }) => metadata.name === name);
  });
}

test('addresses of a Subnet are taken ascending, those never used first, then the one that was released first', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    await createMacvlan(client);
    void PREALLOCATE_LOOP.start(await join(), signal);
    const order: string[] = [];
    for (const name of ['a', 'b', 'c']) order.push(await taken(client, name));
    await give(client, '172.17.0.2/29', 'b');
    await give(client, '172.17.0.1/29', 'a');
    for (const name of ['d', 'e', 'f', 'g']) order.push(await taken(client, name));
    assert.deepEqual(
      order.map(address => address.replace('172.17.0.', '')),
      ['1/29', '2/29', '3/29', '4/29', '5/29', '2/29', '1/29'],
    );
  });
});

test('nothing is taken of what Kube-OVN itself hands out', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    await createMacvlan(client);
    await client.create(DEPLOYMENTS, {
      metadata: { namespace: 'kube-system', name: 'kube-ovn-controller' },
      spec: { replicas: 1 },
    });
    const lan = { ...MACVLAN, name: 'lan', ipam: { type: 'whereabouts', range: '10.0.0.0/24' } };
    const metadata = { name: 'lan', namespace: 'default' };
    await client.create(NETWORK_ATTACHMENT_DEFINITIONS, { metadata, spec: { config: JSON.stringify(lan) } });
    void PREALLOCATE_LOOP.start(await join(), signal);
    const annotations = { 'k8s.v1.cni.cncf.io/networks': 'macvlan,lan' };
    const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] };
    await client.create(PODS, { metadata: { name: 'a', namespace: 'default', annotations }, spec });
    const claims = await eventually('the other address', async () => {
      const { items } = await client.list(IP_ALLOCATIONS);
      return items.length > 0 && items;
    });
    assert.deepEqual(
      claims.map(({ spec: { pool } }) => pool.dialect),
      ['whereabouts'],
    );
  });
});
