import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KUBE_OVN_SUBNETS } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode } from '../attach/node.ts';
import { addressOf } from '../attach/pod-kernel.ts';
import { setEachScene } from '../attach/scene.ts';
import type { World } from '../attach/world.ts';
import { startCountedNode } from './counted-node.ts';
import { eventually } from './scene.ts';

/** Addresses of a Kube-OVN Subnet that were taken before the pod started. */
const { skip } = skipUnlessRing2();

let world: World;
let node: AttachNode;
let calls: string[];
let preallocate: () => Promise<void>;

setEachScene(skip, async scene => {
  ({ world } = scene);
  const ipam = { type: 'kube-ovn', server_socket: '/x.sock', provider: 'macvlan.default' };
  await world.createNad('macvlan', { cniVersion: '0.3.1', name: 'macvlan', type: 'macvlan', master: 'up0', ipam });
  await world.cluster.client.create(KUBE_OVN_SUBNETS, {
    metadata: { name: 'macvlan' },
    spec: { provider: 'macvlan.default', cidrBlock: '172.17.0.0/24,fd00:17::/112' },
  });
  ({ node, calls, preallocate } = await startCountedNode(scene));
});

test('an ADD of both families makes one request to the API server: the status', { skip }, async () => {
  await preallocate();
  const start = async (name: string): Promise<void> => {
    const pod = await world.createPod(name, 'macvlan');
    const { length } = await eventually('the claims', async () => {
      const own = (await world.cluster.claims()).filter(({ spec }) => spec.owner.podName === name);
      return own.length === 2 && own;
    });
    assert.equal(length, 2);
    await node.podIs(name, () => true);
    await node.claimsAre((await world.cluster.claims()).length);
    calls.length = 0;
    const uid = pod.metadata.uid ?? '';
    await node.call('ADD', { containerId: `oa-${name}`, netns: world.makeNetns(`oa-${name}`), pod: { name, uid } });
  };
  // The first one starts the watches of Subnets, IPPools and namespaces.
  await start('a');
  assert.deepEqual([addressOf('oa-a'), addressOf('oa-a', 'net1', 6)], ['172.17.0.2/24', 'fd00:17::2/112']);
  await start('b');
  assert.deepEqual(calls, ['patch']);
  assert.deepEqual([addressOf('oa-b'), addressOf('oa-b', 'net1', 6)], ['172.17.0.3/24', 'fd00:17::3/112']);
});
