import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { startNode } from './node.ts';
import { SECOND_NETWORK, startWorld } from './world.ts';

const { skip } = skipUnlessRing2();

const PODS = 50;

test(`connection-limit: ${PODS} pods at once, one at a time`, { skip }, async () => {
  await using world = await startWorld();
  await world.createNad('second', SECOND_NETWORK);
  let atWork = 0;
  let most = 0;
  await using node = await startNode({
    server: world.cluster.server,
    dir: world.dir,
    parallelRequests: 1,
    // Every pod's status is written once, while the kernel works.
    onStep: step => {
      if (step === 'before patch') atWork++;
      most = Math.max(most, atWork);
      if (step === 'after put added') atWork--;
    },
  });
  const before = await world.leftOvers();
  const pods = await Promise.all(
    Array.from({ length: PODS }, async (_, index) => {
      const pod = await world.createPod(`p${index}`, 'second');
      return { containerId: `${index}-x`, pod: { name: `p${index}`, uid: pod.metadata.uid ?? '' } };
    }),
  );
  await Promise.all(pods.map(pod => node.call('ADD', { ...pod, netns: world.makeNetns(pod.pod.name) })));
  assert.equal(node.journal.list().filter(({ state }) => state === 'added').length, PODS);
  assert.equal((await world.cluster.claims()).length, PODS);
  assert.equal(most, 1);
  await Promise.all(pods.map(pod => node.call('DEL', pod)));
  assert.deepEqual((await world.leftOvers()).links, before.links);
});
