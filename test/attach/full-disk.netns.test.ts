import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually } from '../agent/test-node.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, SECOND_NETWORK, type World } from './world.ts';

/** The disk of the state directory is really full, with room for any number of pages less than an ADD needs. */
const { skip } = skipUnlessRing2();

const PAGE = 4096;
let world: World;
let node: AttachNode;

setEachScene(skip, async scene => {
  ({ world } = scene);
  await world.createNad('second', SECOND_NETWORK);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', join(world.dir, 'state')]);
  scene.ending.defer(() => void execFileSync('umount', [join(world.dir, 'state')]));
  node = await scene.startNode();
});

const filler = (): string => join(world.dir, 'state', 'filler');

/** Fills the disk up but for some pages. */
function fill(pagesLeft: number): void {
  const fd = openSync(filler(), 'w');
  const page = Buffer.alloc(PAGE, 'x');
  const written: number[] = [];
  try {
    for (;;) written.push(writeSync(fd, page));
  } catch (error) {
    assert.match(String(error), /ENOSPC/);
  } finally {
    closeSync(fd);
  }
  execFileSync('truncate', ['-s', String(Math.max(0, written.length - pagesLeft) * PAGE), filler()]);
}

async function makePod() {
  const pod = await world.createPod('a', 'second');
  return { containerId: 'a', netns: world.makeNetns('a'), pod: { name: 'a', uid: pod.metadata.uid ?? '' } };
}

async function endPod(clean: unknown): Promise<void> {
  await world.deletePod('a');
  await eventually('all addresses are released', async () => (await world.cluster.claims()).length === 0);
  await node.releaser.idle();
  assert.deepEqual(await world.leftOvers(), clean);
}

test('ADD fails in one sentence, or succeeds, whatever room is left; nothing half made stays', { skip }, async () => {
  const request = await makePod();
  const clean = await world.leftOvers();
  let isDone = false;
  for (let pages = 0; !isDone; pages++) {
    fill(pages);
    const [outcome] = await Promise.allSettled([node.call('ADD', request)]);
    isDone = outcome.status === 'fulfilled';
    if (outcome.status === 'rejected') {
      assert.match(String(outcome.reason), /Cannot write journal file .*ENOSPC/, `${pages} pages`);
      assert.doesNotMatch(ip('-n ul-test-a link'), /eth0|veth0|net1/, `${pages} pages`);
      assert.deepEqual(node.journal.list(), [], `${pages} pages`);
    }
    assert.ok(pages < 20, 'an ADD needs less than that');
    rmSync(filler());
  }
  await node.call('CHECK', request);
  await node.call('DEL', request);
  await endPod(clean);
});

test('DEL takes everything out of the kernel on a full disk, and done again with room it leaves nothing', {
  skip,
}, async () => {
  const request = await makePod();
  const clean = await world.leftOvers();
  await node.call('ADD', request);
  fill(0);
  // Its claim cannot be queued for release; nothing else needs room.
  await assert.rejects(node.call('DEL', request), /ENOSPC/);
  assert.doesNotMatch(ip('-n ul-test-a link'), /eth0|veth0|net1/);
  rmSync(filler());
  await node.call('DEL', request);
  await endPod(clean);
});
