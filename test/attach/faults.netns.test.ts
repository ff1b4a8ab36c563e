import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, SECOND_NETWORK, WHEREABOUTS, type World } from './world.ts';

/** Every step of ADD and DEL goes wrong once. */
const { skip } = skipUnlessRing2();

let world: World;
let node: AttachNode;
/** What a step does besides; set by a test. */
let onStep: (step: string) => void;
let clean: unknown;

setEachScene(skip, async scene => {
  ({ world } = scene);
  onStep = () => {};
  node = await scene.startNode({ onStep: step => onStep(step) });
  await world.createNad('second', SECOND_NETWORK);
  // Addresses of the cluster again, and a plugin that we exec in the middle of a chain of ours.
  await world.createNad('third', {
    cniVersion: '1.0.0',
    plugins: [{ type: 'macvlan', master: 'up0', ipam: WHEREABOUTS }, { type: 'cable' }, { type: 'veth', ...HIJACKED }],
  });
});

/** Three NICs. */
const NETWORKS = 'second,third';
/** What its veth takes from the network. */
const HIJACKED = { service_hijack_subnet: ['10.96.0.0/12'], overlay_hijack_subnet: ['10.244.0.0/16'] };

/** A pod and its sandbox; `clean` is what is there before anything is attached. */
async function makePod() {
  const pod = await world.createPod('a', NETWORKS);
  const request = {
    containerId: 'ctr-a',
    netns: world.makeNetns('a'),
    pod: { name: 'a', uid: pod.metadata.uid ?? '' },
  };
  clean = await world.leftOvers();
  return request;
}

async function countSteps(work: () => Promise<unknown>, kind: RegExp): Promise<number> {
  let count = 0;
  onStep = step => void (kind.test(step) && count++);
  await work();
  onStep = () => {};
  return count;
}

/** The `n`th step of a kind (from 0) fails as a full disk does. */
function failAt(n: number, kind: RegExp, forGood: boolean): void {
  let count = 0;
  onStep = step => {
    if (!kind.test(step)) return;
    const isHit = forGood ? count++ >= n : count++ === n;
    if (isHit) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
}

/** What the pod's end brings: its claims go. */
async function endPod(): Promise<void> {
  await world.deletePod('a');
  await eventually(async () => (await world.cluster.claims()).length === 0);
}

async function eventually(look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await look())) {
    if (performance.now() > deadline) assert.deepEqual(await world.leftOvers(), clean);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

for (const forGood of [false, true]) {
  const how = forGood ? 'from then on' : 'once';
  test(`ADD fails cleanly when the journal cannot be written ${how}, at whichever write`, { skip }, async () => {
    const request = await makePod();
    const writes = await countSteps(() => node.call('ADD', request), /^before put/);
    assert.ok(writes >= 4, `${writes}`);
    await node.call('DEL', request);
    assert.equal((await world.cluster.claims()).length, 2, 'the pod lives, and its claims');
    const held = await world.leftOvers();
    for (let n = 0; n < writes; n++) {
      failAt(n, /^before put/, forGood);
      await assert.rejects(node.call('ADD', request), /ENOSPC/);
      onStep = () => {};
      assert.deepEqual(await world.leftOvers(), held, `write ${n} of ${writes}`);
      assert.doesNotMatch(ip('-n ul-test-a link'), /eth0|veth0|net1|net2/);
      assert.deepEqual(node.journal.list(), []);
    }
    await node.call('ADD', request);
    await node.call('CHECK', request);
    await node.call('DEL', request);
    await endPod();
  });
}

test('DEL that cannot write says so at whichever write, and done again it leaves nothing', { skip }, async () => {
  const request = await makePod();
  await node.call('ADD', request);
  const writes = await countSteps(() => node.call('DEL', request), /^before (put|remove|enqueue)/);
  const held = await world.leftOvers();
  for (let n = 0; n < writes; n++) {
    await node.call('ADD', request);
    failAt(n, /^before (put|remove|enqueue)/, true);
    await assert.rejects(node.call('DEL', request), /ENOSPC/, `write ${n} of ${writes}`);
    assert.doesNotMatch(ip('-n ul-test-a link'), /eth0|veth0|net1|net2/, 'a full disk is no reason to leave a link');
    onStep = () => {};
    await node.call('DEL', request);
    assert.deepEqual(await world.leftOvers(), held, `write ${n} of ${writes}`);
  }
  await endPod();
});

test('DEL at any step of its ADD cancels it and returns when nothing is left of it', { skip }, async () => {
  let steps = 1;
  for (let n = -1; n < steps; n++) {
    const pod = await world.createPod('a', NETWORKS);
    const request = {
      containerId: `ctr${n}`,
      netns: world.makeNetns(`p${n}`),
      pod: { name: 'a', uid: pod.metadata.uid ?? '' },
    };
    clean = await world.leftOvers();
    let hit = 'after put added';
    let count = 0;
    let del: Promise<string> | undefined;
    // As much as a runtime without a cache knows: the order must not hang on the pod's name.
    const startDel = (): void => {
      del = node.call('DEL', { containerId: request.containerId });
    };
    onStep = step => {
      if (count++ !== n) return;
      hit = step;
      startDel();
    };
    const [add] = await Promise.allSettled([node.call('ADD', request)]);
    onStep = () => {};
    if (n < 0) {
      steps = count;
      startDel();
    }
    await del;
    // From the commit on the ADD is done, and the DEL undoes it.
    const isDone = /^(before|after) put added$/.test(hit);
    assert.equal(add.status, isDone ? 'fulfilled' : 'rejected', `step ${n} of ${steps}: ${hit}`);
    if (add.status === 'rejected') assert.match(String(add.reason), /overtaken by its DEL/, `step ${n} of ${steps}`);
    assert.doesNotMatch(ip(`-n ul-test-p${n} link`), /eth0|veth0|net1|net2/, `step ${n} of ${steps}`);
    assert.deepEqual(node.journal.list(), [], `step ${n} of ${steps}`);
    await endPod();
    await node.releaser.idle();
    assert.deepEqual(await world.leftOvers(), clean, `step ${n} of ${steps}: ${hit}`);
  }
});

test('DEL of an ADD that still waits for its turn keeps it from ever starting', { skip }, async () => {
  const request = await makePod();
  writeFileSync(join(world.dir, 'bin', 'on-ADD'), `while [ ! -e "$here/go" ]; do sleep 0.02; done\n`);
  const first = node.call('ADD', request);
  const second = { ...request, containerId: 'ctr-b', netns: world.makeNetns('b') };
  const waiting = assert.rejects(node.call('ADD', second), /overtaken by its DEL/);
  // Without the pod's uid it would not even wait in the same queue.
  await node.call('DEL', { containerId: 'ctr-b' });
  await waiting;
  writeFileSync(join(world.dir, 'bin', 'go'), '');
  await first;
  assert.deepEqual(
    node.journal.list().map(({ key }) => key.containerId),
    ['ctr-a'],
  );
  await node.call('DEL', request);
  await endPod();
});

test('ADD twice leaves one attachment, with the address that the pod has', { skip }, async () => {
  const request = await makePod();
  const [first, second] = await Promise.all([node.call('ADD', request), node.call('ADD', request)]);
  const ipOf = (text: string) => (JSON.parse(text) as { ips: { address: string }[] }).ips[0]?.address;
  assert.equal(ipOf(first), ipOf(second));
  await node.call('CHECK', request);
  assert.equal(node.journal.list().length, 1);
  await node.call('DEL', request);
  await endPod();
  await node.releaser.idle();
  assert.deepEqual(await world.leftOvers(), clean);
});

test('a pod deleted at any step of its ADD gets everything back, whether the ADD fails or its DEL follows', {
  skip,
}, async () => {
  let steps = 1;
  for (let n = -1; n < steps; n++) {
    const pod = await world.createPod('a', NETWORKS);
    const request = {
      containerId: `ctr-${n}`,
      netns: world.makeNetns(`p${n}`),
      pod: { name: 'a', uid: pod.metadata.uid ?? '' },
    };
    clean = await world.leftOvers();
    let count = 0;
    let gone: Promise<void> | undefined;
    onStep = () => {
      if (count++ === n) gone = world.deletePod('a');
    };
    await Promise.allSettled([node.call('ADD', request)]);
    onStep = () => {};
    if (n < 0) steps = count;
    await (gone ?? world.deletePod('a'));
    await node.call('DEL', request);
    await eventually(async () => (await world.cluster.claims()).length === 0);
    await node.releaser.idle();
    assert.deepEqual(await world.leftOvers(), clean, `step ${n} of ${steps}`);
  }
});
