import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentLeaseName, IP_ALLOCATIONS, LEASES, NODES } from '#api';
import { systemClock } from '#base';
import type { EventRecorder } from '#kube';
import { collectOnce } from '../../src/controller/collect/collect-claims.ts';
import { createSightings } from '../../src/controller/collect/sightings.ts';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode } from '../attach/node.ts';
import { setEachScene } from '../attach/scene.ts';
import { ip, WHEREABOUTS, type World } from '../attach/world.ts';
import { poolOf } from '../claims/cluster.ts';
import { type CutLink, startCutLink } from './cut-link.ts';
import { eventually, joinAsReplica } from './scene.ts';

/** A node that is cut off, given up, and comes back. */
const { skip } = skipUnlessRing2();

let world: World;
let link: CutLink;
let node: AttachNode;
let signal: AbortSignal;
let told: string[];

setEachScene(skip, async scene => {
  ({ world, signal } = scene);
  link = scene.ending.use(await startCutLink(world.cluster.server));
  told = [];
  const events: EventRecorder = {
    record: (subject, _type, reason) => void told.push(`${subject.name} ${reason}`),
    flush: async () => undefined,
    dropped: 0,
  };
  node = await scene.startNode({ server: link.url, events });
  await world.cluster.client.create(NODES, { metadata: { name: 'n1' } });
  await world.cluster.client.create(LEASES, {
    metadata: { namespace: 'kube-system', name: agentLeaseName('n1') },
    spec: { holderIdentity: 'n1', leaseDurationSeconds: 40 },
  });
});

async function attach(name: string): Promise<string> {
  const pod = await world.createPod(name);
  await node.podIs(name, () => true);
  await node.call('ADD', {
    containerId: name,
    netns: world.makeNetns(name),
    pod: { name, uid: pod.metadata.uid ?? '' },
  });
  const claim = (await world.cluster.claims()).find(({ spec }) => spec.owner.podName === name);
  return claim?.spec.address ?? '';
}

async function holders(): Promise<readonly string[]> {
  const claims = await world.cluster.claims();
  return claims.map(({ spec }) => `${spec.address} ${spec.owner.podName} on ${spec.node}`).sort();
}

function isUp(name: string): boolean {
  return /\bUP\b/.test(ip(`-n ul-test-${name} link show eth0`));
}

test('its addresses go to others once it is proven dead; when it is back, it holds what is free and lets go of what is not', {
  skip,
}, async () => {
  const { client } = world.cluster;
  const clock = {
    ...systemClock,
    at: 0,
    now() {
      return this.at;
    },
  };
  const replica = await joinAsReplica(client, signal, { clock });
  const sightings = createSightings(clock);
  const look = async (afterMs: number): Promise<void> => {
    clock.at += afterMs;
    await collectOnce(replica, sightings, signal);
  };
  const [a, b] = [await attach('a'), await attach('b')];
  await eventually('the claims', async () => replica.claims.list().length === 2);
  await look(0);
  link.cut();
  await look(3_600_000);
  assert.deepEqual(await holders(), [`${a} a on n1`, `${b} b on n1`].sort(), 'cut off, with live pods: not dead');
  await client.delete(NODES, { name: 'n1' });
  await world.deletePod('a');
  await world.deletePod('b');
  await eventually('the end of the Node', async () => replica.nodes.list().length === 0);
  await look(3_600_000);
  assert.deepEqual(await holders(), []);
  const owner = {
    podNamespace: 'default',
    podName: 'c',
    podUid: 'uid-of-c',
    network: 'lan',
    interface: 'eth0',
    slot: 0,
  };
  const { range, ...rest } = WHEREABOUTS;
  await replica.store.take({ pools: [poolOf(range, rest)], owner, node: 'n2', address: a.split('/')[0] ?? '' });
  assert.deepEqual([isUp('a'), isUp('b')], [true, true]);
  link.heal();
  await eventually('both are settled', async () => told.includes('a AddressLost') && (await holders()).length === 2);
  assert.deepEqual(await holders(), [`${a} c on n2`, `${b} b on n1`].sort());
  assert.deepEqual([isUp('a'), isUp('b')], [false, true]);
});

test("addresses that the API server has forgotten are its pods' again before anybody else has them", {
  skip,
}, async () => {
  const d = await attach('d');
  link.cut();
  // As after a restore from a backup that is older than the claim.
  for (const { metadata } of await world.cluster.claims()) {
    await world.cluster.client.delete(IP_ALLOCATIONS, metadata);
  }
  assert.deepEqual(await holders(), []);
  link.heal();
  await eventually('the claim', async () => (await holders()).length === 1);
  assert.deepEqual(await holders(), [`${d} d on n1`]);
  assert.equal(isUp('d'), true);
  assert.deepEqual(
    told.filter(text => text.includes('AddressLost')),
    [],
  );
});
