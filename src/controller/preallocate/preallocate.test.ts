import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agentLeaseName,
  IP_ALLOCATIONS,
  type IPAllocation,
  type KubeObject,
  LEASES,
  NETWORK_ATTACHMENT_DEFINITIONS,
  PODS,
  type Pod,
  type Resource,
} from '#api';
import { type Clock, systemClock } from '#base';
import type { KubeClient } from '#kube';
import { createAgentLease, eventually, withControllerScene } from '../../../test/controller/scene.ts';
import { PREALLOCATE_LOOP } from './preallocate.ts';

const N2 = { apiVersion: 'v1', kind: 'Node', name: 'n2' };
const LAN = {
  cniVersion: '1.0.0',
  name: 'lan',
  type: 'macvlan',
  master: 'up0',
  ipam: { type: 'whereabouts', range: '10.0.0.0/24' },
};

/** A network, and agents on two nodes. */
async function createLan(client: KubeClient): Promise<void> {
  for (const node of ['n1', 'n2']) await createAgentLease(client, node);
  const metadata = { name: 'lan', namespace: 'default' };
  await client.create(NETWORK_ATTACHMENT_DEFINITIONS, { metadata, spec: { config: JSON.stringify(LAN) } });
}

function createPod(client: KubeClient, name: string, networks: string, nodeName?: string): Promise<Pod> {
  const annotations = { 'k8s.v1.cni.cncf.io/networks': networks };
  const spec = { containers: [{ name: 'c', image: 'x' }], ...(nodeName === undefined ? {} : { nodeName }) };
  return client.create(PODS, { metadata: { name, namespace: 'default', annotations }, spec });
}

function byInterface(a: unknown[], b: unknown[]): number {
  return JSON.stringify(a).includes('"data"') ? -1 : JSON.stringify(b).includes('"data"') ? 1 : 0;
}

/** The subresource by which schedulers give a pod its node. */
function bindingsOf(pod: string): Resource<KubeObject & { readonly target: typeof N2 }> {
  return { group: '', version: 'v1', plural: `pods/${pod}/binding`, kind: 'Binding', isNamespaced: true };
}

async function claimsOf(client: KubeClient): Promise<readonly IPAllocation[]> {
  return (await client.list(IP_ALLOCATIONS)).items;
}

test("the loop takes the addresses of a scheduled pod, in its name and its node's, and of no other", async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    await createLan(client);
    const deps = await join();
    void PREALLOCATE_LOOP.start(deps, signal);
    await createPod(client, 'waiting', 'lan');
    await createPod(client, 'wrong', 'no such network!', 'n1');
    const pod = await createPod(client, 'a', 'lan,lan@data', 'n1');
    const claims = await eventually('two claims', async () => {
      const found = await claimsOf(client);
      return found.length === 2 && found;
    });
    const podUid = pod.metadata.uid ?? '';
    const owner = { podNamespace: 'default', podName: 'a', podUid, network: 'default/lan', slot: 0 };
    assert.deepEqual(claims.map(({ spec }) => [spec.node, spec.owner]).sort(byInterface), [
      ['n1', { ...owner, interface: 'data' }],
      ['n1', { ...owner, interface: 'net1' }],
    ]);
    // As schedulers bind pods.
    await client.create(bindingsOf('waiting'), { metadata: { name: 'waiting', namespace: 'default' }, target: N2 });
    await eventually('the third', async () => (await claimsOf(client)).length === 3);
    assert.equal((await claimsOf(client)).find(({ spec }) => spec.owner.podName === 'waiting')?.spec.node, 'n2');
  });
});

test('two loops at once take at least one address for each pod, and none twice', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    await createLan(client);
    const replicas = [await join(), await join()];
    for (const deps of replicas) void PREALLOCATE_LOOP.start(deps, signal);
    const names = Array.from({ length: 40 }, (_, index) => `p${index}`);
    await Promise.all(names.map(name => createPod(client, name, 'lan', 'n1')));
    const claims = await eventually('claims of all', async () => {
      const found = await claimsOf(client);
      return new Set(found.map(({ spec }) => spec.owner.podName)).size === names.length && found;
    });
    assert.equal(new Set(claims.map(({ spec }) => spec.address)).size, claims.length);
  });
});

test('the loop leaves pods of a node alone until it has an agent', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    await createLan(client);
    void PREALLOCATE_LOOP.start(await join(), signal);
    await createPod(client, 'early', 'lan', 'n3');
    await createPod(client, 'other', 'lan', 'n1');
    await eventually('the other one', async () => (await claimsOf(client)).length > 0);
    assert.deepEqual(
      (await claimsOf(client)).map(({ spec }) => spec.owner.podName),
      ['other'],
    );
    await createAgentLease(client, 'n3');
    await eventually('the early one', async () => (await claimsOf(client)).length === 2);
  });
});

test('the loop leaves pods of a node alone whose agent has been silent for long, until it is heard again', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    await createLan(client);
    let offset = 0;
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + offset };
    const deps = await join({ clock, options: { fenceSeconds: 60 } });
    void PREALLOCATE_LOOP.start(deps, signal);
    const holders = async () => (await claimsOf(client)).map(({ spec }) => spec.owner.podName).sort();
    await createPod(client, 'heard', 'lan', 'n1');
    await eventually('the first one', async () => (await holders()).length === 1);
    offset = 61_000;
    await createPod(client, 'silent', 'lan', 'n1');
    await eventually('it is seen', async () => deps.pods.find({ namespace: 'default', name: 'silent' }) !== undefined);
    const name = { namespace: deps.namespace, name: agentLeaseName('n1') };
    const { spec } = await client.mergePatch(LEASES, name, { spec: { renewTime: '2026-01-01T00:00:00.000000Z' } });
    await eventually('the news', async () => deps.leases.find(name)?.spec?.renewTime === spec?.renewTime);
    await createPod(client, 'again', 'lan', 'n1');
    await eventually('the last one', async () => (await holders()).includes('again'));
    assert.deepEqual(await holders(), ['again', 'heard']);
  });
});

test('the loop takes nothing for pods that run already when it starts', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    await createLan(client);
    const pod = await createPod(client, 'old', 'lan', 'n1');
    await client.mergePatch(
      PODS,
      { namespace: 'default', name: 'old' },
      { status: { phase: 'Running' } },
      { subresource: 'status' },
    );
    assert.ok(pod.metadata.uid);
    const deps = await join();
    void PREALLOCATE_LOOP.start(deps, signal);
    await createPod(client, 'new', 'lan', 'n1');
    await eventually('the new one', async () => (await claimsOf(client)).length > 0);
    assert.deepEqual(
      (await claimsOf(client)).map(({ spec }) => spec.owner.podName),
      ['new'],
    );
  });
});

test('pods of a full network hold up no others for longer than the first of them', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    await createLan(client);
    const metadata = { name: 'full', namespace: 'default' };
    const config = { ...LAN, name: 'full', ipam: { type: 'whereabouts', range: '10.9.0.5-10.9.0.5/24' } };
    await client.create(NETWORK_ATTACHMENT_DEFINITIONS, { metadata, spec: { config: JSON.stringify(config) } });
    let waits = 0;
    const clock: Clock = {
      ...systemClock,
      sleep(ms, waking) {
        waits++;
        return systemClock.sleep(ms, waking);
      },
    };
    const deps = await join({ clock });
    void PREALLOCATE_LOOP.start(deps, signal);
    const names = Array.from({ length: 200 }, (_, index) => `f${index}`);
    await Promise.all(names.map(name => createPod(client, name, 'full', 'n1')));
    await createPod(client, 'last', 'lan', 'n1');
    await eventually('the last one', async () =>
      (await claimsOf(client)).some(({ spec }) => spec.owner.podName === 'last'),
    );
    // Each of those that are looked at at once waits four times for an address; all the others do not.
    assert.ok(waits <= 32 * 4, `${waits} waits`);
    assert.equal((await claimsOf(client)).length, 2);
  });
});
