import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeObject } from '#api';
import { NODES, type SandboxPod } from '../resources.ts';
import { CRON_JOBS, DAEMON_SETS, DEPLOYMENTS, JOBS, REPLICA_SETS, STATEFUL_SETS } from '../workloads.ts';
import { isPodReady } from './pod-state.ts';
import { type LoopCluster, startLoopCluster } from './test-cluster.ts';
import { template } from './test-objects.ts';

let cluster: LoopCluster;

before(async () => {
  cluster = await startLoopCluster();
});

after(() => cluster[Symbol.asyncDispose]());

const named = (name: string): KubeObject['metadata'] => ({ namespace: 'default', name });

/** Pods whose names begin so, by name. */
async function podsOf(prefix: string): Promise<SandboxPod[]> {
  return (await cluster.pods()).filter(pod => pod.metadata.name.startsWith(prefix));
}

async function untilReady(prefix: string, count: number): Promise<SandboxPod[]> {
  await cluster.eventually(async () => {
    const pods = await podsOf(prefix);
    assert.deepEqual([pods.length, pods.filter(isPodReady).length], [count, count]);
  });
  return podsOf(prefix);
}

test('a Deployment has its pods through a ReplicaSet, and takes them along', async () => {
  const { client } = cluster;
  const selector = { matchLabels: { app: 'web' } };
  await client.create(DEPLOYMENTS, {
    metadata: named('test-app'),
    spec: { replicas: 2, selector, template: template() },
  });
  const [pod] = await untilReady('test-app-', 2);
  const set = pod?.metadata.ownerReferences?.[0];
  assert.equal(set?.kind, 'ReplicaSet');
  assert.match(pod?.metadata.name ?? '', new RegExp(`^${set?.name}-[a-z0-9]{5}$`));
  const { metadata } = await client.get(REPLICA_SETS, named(set?.name ?? ''));
  assert.deepEqual(
    metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`),
    ['Deployment test-app'],
  );
  await client.mergePatch(DEPLOYMENTS, named('test-app'), { spec: { template: template('two') } });
  await cluster.eventually(async () => {
    const pods = await podsOf('test-app-');
    assert.deepEqual(
      pods.map(({ spec }) => spec.containers?.[0]?.image),
      ['two', 'two'],
    );
  });
  await client.delete(DEPLOYMENTS, named('test-app'));
  await cluster.eventually(async () => assert.deepEqual(await podsOf('test-app-'), []));
  // One that was being made at that moment goes as an orphan.
  await cluster.eventually(async () => assert.deepEqual((await client.list(REPLICA_SETS)).items, []));
});

test('a StatefulSet has numbered pods, which keep their names', async () => {
  const { client } = cluster;
  await client.create(STATEFUL_SETS, {
    metadata: named('db'),
    spec: { replicas: 3, serviceName: 'db', ordinals: { start: 2 }, template: template() },
  });
  const before = await untilReady('db-', 3);
  assert.deepEqual(
    before.map(({ metadata }) => metadata.name),
    ['db-2', 'db-3', 'db-4'],
  );
  await client.mergePatch(STATEFUL_SETS, named('db'), { spec: { template: template('two') } });
  await cluster.eventually(async () => {
    const pods = await podsOf('db-');
    assert.deepEqual(
      pods.map(({ metadata, spec }) => `${metadata.name} ${spec.containers?.[0]?.image}`),
      ['db-2 two', 'db-3 two', 'db-4 two'],
    );
  });
  await client.mergePatch(STATEFUL_SETS, named('db'), { spec: { replicas: 1 } });
  await untilReady('db-2', 1);
  await cluster.eventually(async () => assert.equal((await podsOf('db-')).length, 1));
  await client.delete(STATEFUL_SETS, named('db'));
  await cluster.eventually(async () => assert.deepEqual(await podsOf('db-'), []));
});

test('a DaemonSet has a pod on each node, also on one that comes', async () => {
  const { client } = cluster;
  await client.create(DAEMON_SETS, { metadata: named('daemon'), spec: { selector: {}, template: template() } });
  const pods = await untilReady('daemon-', 2);
  assert.deepEqual(pods.map(({ spec }) => spec.nodeName).sort(), ['n1', 'n2']);
  await client.create(NODES, { metadata: { name: 'n3' } });
  const status = { conditions: [{ type: 'Ready', status: 'True' }] };
  await client.mergePatch(NODES, { name: 'n3' }, { status }, { subresource: 'status' });
  await untilReady('daemon-', 3);
  await client.delete(NODES, { name: 'n3' });
  await cluster.eventually(async () => assert.equal((await podsOf('daemon-')).length, 2));
  await client.delete(DAEMON_SETS, named('daemon'));
  await cluster.eventually(async () => assert.deepEqual(await podsOf('daemon-'), []));
});

test('a Job runs its pods to their end, and leaves them there', async () => {
  const { client } = cluster;
  const spec = { completions: 2, template: template() };
  const jobTemplate = { spec };
  const cron = await client.create(CRON_JOBS, { metadata: named('cron'), spec: { schedule: '@yearly', jobTemplate } });
  const { name, uid = '' } = cron.metadata;
  // As `kubectl create job --from=cronjob/cron` does it.
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'CronJob', name, uid, controller: true }];
  await client.create(JOBS, { metadata: { ...named('once'), ownerReferences }, spec });
  const [first] = await untilReady('once-', 1);
  assert.ok(first);
  await cluster.finish(first, 'Succeeded');
  await cluster.eventually(async () => {
    const second = (await podsOf('once-')).find(pod => isPodReady(pod));
    assert.ok(second);
    await cluster.finish(second, 'Succeeded');
  });
  await cluster.eventually(async () => {
    const { status } = await client.get(JOBS, named('once'));
    assert.equal(status?.['succeeded'], 2);
    assert.ok(status['completionTime']);
  });
  assert.equal((await podsOf('once-')).length, 2);
  await client.delete(CRON_JOBS, named('cron'));
  await cluster.eventually(async () => assert.deepEqual(await podsOf('once-'), []));
});

test('a CronJob makes a Job when it is due, whose pod runs', async () => {
  const { client } = cluster;
  const spec = { schedule: '* * * * *', jobTemplate: { spec: { completions: 1, template: template() } } };
  await client.create(CRON_JOBS, { metadata: named('tick'), spec });
  const status = { lastScheduleTime: '2020-01-01T00:00:00Z' };
  await client.mergePatch(CRON_JOBS, named('tick'), { status }, { subresource: 'status' });
  const [pod] = await untilReady('tick-', 1);
  assert.ok(pod);
  await cluster.eventually(async () => {
    const { status: said } = await client.get(CRON_JOBS, named('tick'));
    assert.ok(Date.now() - Date.parse(said?.lastScheduleTime ?? '') < 180_000);
  });
  await client.delete(CRON_JOBS, named('tick'));
  await cluster.eventually(async () => assert.deepEqual(await podsOf('tick-'), []));
});

test('a node that is not ready is tainted, and given up when it is out of service', async () => {
  const { client } = cluster;
  const setReady = (status: string): Promise<unknown> =>
    client.mergePatch(
      NODES,
      { name: 'n2' },
      { status: { conditions: [{ type: 'Ready', status }] } },
      { subresource: 'status' },
    );
  await client.create(STATEFUL_SETS, {
    metadata: named('held'),
    spec: { replicas: 2, podManagementPolicy: 'Parallel', template: template() },
  });
  const pods = await untilReady('held-', 2);
  const away = pods.find(({ spec }) => spec.nodeName === 'n2');
  await setReady('Unknown');
  await cluster.eventually(async () => {
    const { spec } = await client.get(NODES, { name: 'n2' });
    assert.match(spec?.taints?.[0]?.key ?? '', /unreachable/);
  });
  const out = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
  await client.mergePatch(NODES, { name: 'n2' }, { spec: { taints: [out] } });
  await cluster.eventually(async () => {
    const moved = (await podsOf('held-')).find(({ metadata }) => metadata.name === away?.metadata.name);
    assert.deepEqual([moved?.spec.nodeName, moved?.metadata.uid === away?.metadata.uid], ['n1', false]);
  });
  await setReady('True');
  await client.mergePatch(NODES, { name: 'n2' }, { spec: { taints: null } });
  await client.delete(STATEFUL_SETS, named('held'));
});
