import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Application, DAEMON_SETS, IP_ALLOCATIONS, NODES, PODS, WHEREABOUTS_IP_POOLS } from '#api';
import { claimOn } from '../../api/testing.ts';
import { migrate } from './migrate.ts';
import { POOL, whereaboutsCluster } from './peers/testing-whereabouts.ts';
import { WHEREABOUTS } from './peers/whereabouts.ts';
import { createNetwork, createPod, go, held, outcomes, withNode } from './testing.ts';

function daemonSet(name: string, image: string): Application {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image }] } };
  return {
    metadata: { name, namespace: 'kube-system' },
    spec: { selector: { matchLabels: labels }, template } as Application['spec'],
  };
}

test('migrate() goes on after one that broke off half-way', async () => {
  await withNode(async scene => {
    const { client, join, signal } = scene;
    await whereaboutsCluster(client);
    let creates = 0;
    const broken = await join({
      wrap: plain => ({
        ...plain,
        create: (resource, object, options) => {
          if (resource.kind === IP_ALLOCATIONS.kind && ++creates > 1) throw new Error('killed');
          return plain.create(resource, object, options);
        },
      }),
    });
    await assert.rejects(migrate({ peer: WHEREABOUTS, isDryRun: false, isForced: false }, broken, signal), /killed/);
    assert.equal((await held(client)).length, 1);
    const report = await go(scene, WHEREABOUTS);
    assert.deepEqual(outcomes(report).filter(text => /imported|present/.test(text)).length, 2);
    assert.equal((await held(client)).length, 2);
  });
});

test('migrate() writes nothing while others may still allocate, and names them', async () => {
  await withNode(async scene => {
    const { client } = scene;
    await whereaboutsCluster(client);
    await client.create(DAEMON_SETS, daemonSet('whereabouts', 'ghcr.io/k8snetworkplumbingwg/whereabouts:v0.9.2'));
    await client.create(NODES, { metadata: { name: 'n2' } });
    await client.create(PODS, {
      metadata: { name: 'kube-multus-ds-x', namespace: 'kube-system' },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'example.com:5000/multus-cni@sha256:0123' }] },
    });
    const report = await go(scene, WHEREABOUTS);
    assert.deepEqual(report.writers, [
      'DaemonSet kube-system/whereabouts',
      'pod kube-system/kube-multus-ds-x on node n1',
      'node n2, which has no agent',
    ]);
    assert.match(report.refused ?? '', /others may still allocate/);
    assert.deepEqual(await held(client), []);
    await go(scene, WHEREABOUTS, { isForced: true });
    assert.equal((await held(client)).length, 2);
  });
});

test('migrate() takes no object over while an address has no place, or belongs to somebody else here', async () => {
  await withNode(async scene => {
    const { client } = scene;
    await createPod(client, 'a', { networks: 'lan' });
    await client.create(WHEREABOUTS_IP_POOLS, {
      metadata: POOL,
      spec: { range: '192.168.2.224/28', allocations: { '1': { id: 'c1', podref: 'default/a', ifname: 'net1' } } },
    });
    const unplaced = await go(scene, WHEREABOUTS);
    assert.deepEqual([outcomes(unplaced), unplaced.takenOver], [['192.168.2.225 unplaced'], []]);
    assert.deepEqual(unplaced.left, ['IPPool kube-system/192.168.2.224-28']);
    await createNetwork(client, 'lan', { type: 'whereabouts', range: '192.168.2.225/28' });
    const { metadata, spec } = claimOn('192.168.2.225/28', { owner: { podName: 'b', podUid: 'other' } });
    await client.create(IP_ALLOCATIONS, { metadata: { name: metadata.name }, spec });
    for (const isDryRun of [true, false]) {
      const report = await go(scene, WHEREABOUTS, { isDryRun });
      assert.deepEqual([outcomes(report), report.takenOver], [['192.168.2.225 held'], []]);
    }
  });
});
