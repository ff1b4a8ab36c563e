import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODES, PODS, type Pod, WHEREABOUTS_IP_POOLS } from '#api';
import { migrate } from '../../src/controller/migrate/migrate.ts';
import { WHEREABOUTS as PEER } from '../../src/controller/migrate/peers/whereabouts.ts';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode } from '../attach/node.ts';
import { setEachScene } from '../attach/scene.ts';
import { ip, type World } from '../attach/world.ts';
import { createAgentLease, eventually, joinAsReplica } from './scene.ts';

/** Pods that Whereabouts has given addresses to, on a node that goes over to Underlane. */
const { skip } = skipUnlessRing2();

const OLD = '172.18.40.1';
const LAN = {
  cniVersion: '1.0.0',
  name: 'small',
  type: 'macvlan',
  master: 'up0',
  ipam: { type: 'whereabouts', range: '172.18.40.1-172.18.40.2/24' },
};

let world: World;
let node: AttachNode;
let pod: Pod;

setEachScene(skip, async scene => {
  ({ world } = scene);
  const { client } = world.cluster;
  await world.createNad('small', LAN);
  node = await scene.startNode();
  await client.create(NODES, { metadata: { name: 'n1' } });
  await createAgentLease(client, 'n1');
  pod = await world.createPod('old', 'small', {
    'k8s.v1.cni.cncf.io/network-status': JSON.stringify([{ name: 'default/small', interface: 'net1', ips: [OLD] }]),
  });
  await client.create(WHEREABOUTS_IP_POOLS, {
    metadata: { namespace: 'kube-system', name: '172.18.40.0-24' },
    spec: { range: '172.18.40.0/24', allocations: { '1': { id: 'gone', podref: 'default/old', ifname: 'net1' } } },
  });
  await node.podIs('old', () => true);
  const replica = await joinAsReplica(client, scene.signal);
  const { addresses } = await migrate({ peer: PEER, isDryRun: false, isForced: false }, replica, scene.signal);
  assert.deepEqual(
    addresses.map(({ address, outcome }) => [address, outcome]),
    [[OLD, 'imported']],
  );
  await node.claimsAre(1);
});

async function add(name: string, uid: string | undefined): Promise<string> {
  const sandbox = { containerId: name, netns: world.makeNetns(name) };
  await node.call('ADD', { ...sandbox, pod: { name, ...(uid === undefined ? {} : { uid }) } });
  return ip(`-n ul-test-${name} -4 addr show net1`);
}

async function holders(): Promise<readonly string[]> {
  const claims = await world.cluster.claims();
  const own = claims.filter(({ spec }) => spec.owner.network === 'default/small');
  return own.map(({ spec }) => `${spec.address} ${spec.owner.podName}`).sort();
}

test("its address is nobody else's while the pod is there, terminating too, and free when it is gone", {
  skip,
}, async () => {
  const { client } = world.cluster;
  const first = await world.createPod('first', 'small');
  assert.match(await add('first', first.metadata.uid), /172\.18\.40\.2\/24/);
  const second = await world.createPod('second', 'small');
  await assert.rejects(add('second', second.metadata.uid), { code: 'POOL_EXHAUSTED' });
  const name = { namespace: 'default', name: 'old' };
  await client.delete(PODS, name);
  await node.podIs('old', ({ metadata }) => metadata.deletionTimestamp !== undefined);
  await node.releaser.idle();
  assert.deepEqual(await holders(), [`${OLD}/24 old`, '172.18.40.2/24 first']);
  await world.deletePod('old');
  await eventually('the end of its claim', async () => (await holders()).length === 1);
});

test('a new sandbox of the pod gets its address again, and gives it back as any other', { skip }, async () => {
  assert.match(await add('old', pod.metadata.uid), /172\.18\.40\.1\/24/);
  assert.deepEqual(await holders(), [`${OLD}/24 old`]);
  await world.deletePod('old');
  await node.releaser.idle();
  assert.deepEqual(await holders(), [`${OLD}/24 old`], 'its sandbox is bound to it');
  await node.call('DEL', { containerId: 'old', netns: '/run/netns/ul-test-old', pod: { name: 'old' } });
  await eventually('the end of its claim', async () => (await holders()).length === 0);
});
