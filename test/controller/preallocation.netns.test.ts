import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAllocation, Pod } from '#api';
import { planPodClaims } from '#attach';
import { takeWishes } from '#ipam';
import { claimPlanSources } from '../../src/controller/preallocate/claim-plan-sources.ts';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode } from '../attach/node.ts';
import { setEachScene } from '../attach/scene.ts';
import { ip, WHEREABOUTS, type World } from '../attach/world.ts';
import { startCountedNode } from './counted-node.ts';
import { eventually, joinAsReplica } from './scene.ts';

/** Addresses that were taken before the pod started. */
const { skip } = skipUnlessRing2();

const LAN = { cniVersion: '1.0.0', name: 'lan', type: 'macvlan', master: 'up0', ipam: WHEREABOUTS };

let world: World;
let node: AttachNode;
let calls: string[];
let preallocate: () => Promise<void>;
let signal: AbortSignal;

setEachScene(skip, async scene => {
  ({ world, signal } = scene);
  await world.createNad('lan', LAN);
  ({ node, calls, preallocate } = await startCountedNode(scene));
});

function refOf({ metadata: { name, uid = '' } }: IPAllocation) {
  return { name, uid };
}

function add(name: string, uid: string | undefined) {
  const pod = { name, ...(uid === undefined ? {} : { uid }) };
  return node.call('ADD', { containerId: name, netns: world.makeNetns(name), pod });
}

test('an ADD whose addresses were taken before makes one request to the API server: the status', { skip }, async () => {
  await preallocate();
  const pod = await world.createPod('a', 'lan,lan');
  const claims = await eventually('the claims', async () => {
    const found = await world.cluster.claims();
    return found.length === 2 && found;
  });
  await node.podIs('a', () => true);
  await node.claimsAre(2);
  await add('a', pod.metadata.uid);
  assert.deepEqual(calls, ['patch']);
  const inside = ip('-n ul-test-a -4 addr');
  for (const { spec } of claims) assert.match(inside, new RegExp(spec.address.replaceAll('.', '\\.')));
  assert.deepEqual(
    (await world.cluster.claims()).map(({ metadata }) => metadata.uid).sort(),
    claims.map(({ metadata }) => metadata.uid).sort(),
  );
});

test('what other plugins make for the pod before that ADD leaves its addresses alone', { skip }, async () => {
  await preallocate();
  const { metadata } = await world.createPod('a', 'lan,lan');
  await node.podIs('a', () => true);
  await node.claimsAre(2);
  const uids = async () => (await world.cluster.claims()).map(claim => claim.metadata.uid).sort();
  const before = await uids();
  const pod = { name: 'a', ...(metadata.uid === undefined ? {} : { uid: metadata.uid }) };
  // As runtimes do first.
  await node.call('ADD', { plugin: 'loopback', ifname: 'lo', containerId: 'a', netns: world.makeNetns('a'), pod });
  await node.releaser.enqueue((await world.cluster.claims()).map(refOf));
  await node.releaser.idle();
  calls.length = 0;
  await node.call('ADD', { containerId: 'a', netns: '/run/netns/ul-test-a', pod });
  assert.deepEqual([calls, await uids()], [['patch'], before]);
});

test('without, it takes them itself, one request for each', { skip }, async () => {
  const pod = await world.createPod('a', 'lan,lan');
  await node.podIs('a', () => true);
  await add('a', pod.metadata.uid);
  assert.deepEqual(calls.sort(), ['create', 'create', 'patch']);
});

test('what was taken for a pod that never starts goes with the pod', { skip }, async () => {
  await preallocate();
  await world.createPod('a', 'lan,lan');
  await eventually('the claims', async () => (await world.cluster.claims()).length === 2);
  await world.deletePod('a');
  await eventually('the end of the claims', async () => (await world.cluster.claims()).length === 0);
});

test('a pod that cannot have all of its addresses gives back those that were taken before, so that others can', {
  skip,
}, async () => {
  const replica = await joinAsReplica(world.cluster.client, signal);
  const one = (range: string) => ({ ...LAN, ipam: { type: 'whereabouts', range } });
  await world.createNad('left', { ...one('10.1.0.5-10.1.0.5/24'), name: 'left' });
  await world.createNad('right', { ...one('10.2.0.5-10.2.0.5/24'), name: 'right' });
  // Two pods, each of which has half of what both need.
  const pods = [await world.createPod('a', 'left,right'), await world.createPod('b', 'left,right')];
  for (const [index, network] of [...['left', 'right'].entries()]) {
    const { name = '', uid = '' } = pods[index]?.metadata ?? {};
    const [planned] = (await planPodClaims(pods[index] as Pod, claimPlanSources(replica), signal)).filter(
      ({ owner }) => owner.network === `default/${network}`,
    );
    assert.ok(planned !== undefined && uid !== '', name);
    const holder = { owner: planned.owner, node: 'n1' };
    await takeWishes(planned.wishes, holder, { store: replica.store, giveBack: async () => undefined }, signal);
  }
  await node.claimsAre(2);
  await assert.rejects(add('a', pods[0]?.metadata.uid), { code: 'POOL_EXHAUSTED' });
  await node.claimsAre(1);
  await add('b', pods[1]?.metadata.uid);
  const owners = (await world.cluster.claims()).map(({ spec }) => spec.owner.podName);
  assert.deepEqual(owners, ['b', 'b']);
});
