import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTACHMENT_POLICIES } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import type { World } from './world.ts';

/** An AttachmentPolicy at work on a whole pipeline. */
const { skip } = skipUnlessRing2();

let world: World;
let node: AttachNode;

setEachScene(skip, async scene => {
  ({ world } = scene);
  node = await scene.startNode();
});

test('a policy keeps a namespace from a master, makes nothing, and lets go when it goes', { skip }, async () => {
  const { client } = world.cluster;
  const ipam = { type: 'static', addresses: [{ address: '10.1.0.5/24' }] };
  await world.createNad('lan', { cniVersion: '1.0.0', name: 'lan', type: 'macvlan', master: 'up0', ipam });
  const before = await world.leftOvers();
  await client.create(ATTACHMENT_POLICIES, {
    metadata: { name: 'tenants' },
    spec: { namespaces: ['def*'], types: ['macvlan'], masters: ['eth1'] },
  });
  await node.policiesAre(1);
  const pod = await world.createPod('a', 'lan');
  const netns = world.makeNetns('a');
  const owner = { name: 'a', ...(pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid }) };
  await assert.rejects(node.call('ADD', { containerId: 'a', netns, pod: owner }), {
    code: 'POLICY',
    message:
      'Cannot use NetworkAttachmentDefinition "default/lan": master is "up0", expected what AttachmentPolicy "tenants" allows namespace "default": eth1',
  });
  assert.deepEqual({ ...(await world.leftOvers()), pods: [] }, { ...before, pods: [] });
  await client.delete(ATTACHMENT_POLICIES, { name: 'tenants' });
  await node.policiesAre(0);
  await node.call('ADD', { containerId: 'a', netns, pod: owner });
  await node.call('DEL', { containerId: 'a', netns, pod: owner });
});
