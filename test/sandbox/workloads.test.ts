import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { IP_ALLOCATIONS, type KubeObject, PODS, type Pod } from '#api';
import type { Container, PodSpec, PodTemplate } from '../../src/sandbox/resources.ts';
import { JOBS, STATEFUL_SETS } from '../../src/sandbox/workloads.ts';
import { addressesOf, eventually, isReady, startWebCluster, type WebCluster } from './web-cluster.ts';

let cluster: WebCluster;

before(async () => {
  cluster = await startWebCluster();
});

after(() => cluster.end());

const named = (name: string): KubeObject['metadata'] => ({ namespace: 'default', name });

function template(app: string, container: Partial<Container> = {}, spec: Partial<PodSpec> = {}): PodTemplate {
  const annotations = { 'v1.multus-cni.io/default-network': 'kube-system/macvlan-standalone' };
  return {
    metadata: { labels: { app }, annotations },
    spec: { ...spec, containers: [{ name: 'c', image: 'x', ...container }] },
  };
}

test("a Job's pods succeed; their addresses and their network go, their objects stay", async () => {
  const { client } = cluster;
  const spec = {
    completions: 2,
    parallelism: 2,
    template: template('job', { command: ['sleep', '1'] }, { restartPolicy: 'Never' }),
  };
  await client.create(JOBS, { metadata: named('job'), spec });
  await eventually(async () => {
    const { status } = await client.get(JOBS, named('job'));
    assert.equal(status?.['succeeded'], 2);
  });
  const pods = await cluster.pods('job');
  assert.deepEqual(
    pods.map(({ status }) => status?.phase),
    ['Succeeded', 'Succeeded'],
  );
  assert.ok(
    pods.every(pod => addressesOf(pod).length === 2),
    'they say which they had',
  );
  await eventually(async () => cluster.assertClaims([]));
  const links = await cluster.onNode('n1', 'ip', '-br', 'link');
  assert.doesNotMatch(links, /veth/);
  await client.delete(JOBS, named('job'));
  await eventually(async () => assert.deepEqual(await cluster.pods('job'), []));
});

test('a StatefulSet comes up in order, and every pod of it has an address', async () => {
  const { client } = cluster;
  const spec = { replicas: 3, serviceName: 'db', template: template('db') };
  await client.create(STATEFUL_SETS, { metadata: named('db'), spec });
  await eventually(async () => assert.equal((await cluster.readyPods('db')).length, 3));
  const pods = await cluster.readyPods('db');
  const startOf = (pod: Pod): string => pod.metadata.creationTimestamp ?? '';
  assert.deepEqual(
    pods.toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : 1)).map(({ metadata }) => metadata.name),
    ['db-0', 'db-1', 'db-2'],
  );
  await cluster.assertClaims(pods);
  await client.delete(PODS, named('db-1'));
  await eventually(async () => {
    const now = (await cluster.pods('db')).filter(isReady);
    assert.equal(now.length, 3);
    await cluster.assertClaims(now);
  });
  await client.delete(STATEFUL_SETS, named('db'));
  await eventually(async () => assert.deepEqual((await client.list(IP_ALLOCATIONS)).items, []));
});
