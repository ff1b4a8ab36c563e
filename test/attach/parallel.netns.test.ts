import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually } from '../agent/test-node.ts';
import type { AttachNode, Call } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, SECOND_NETWORK, type World } from './world.ts';

/** Many requests at one moment, of one container and of many. */
const { skip } = skipUnlessRing2();

const MANY = 50;
let world: World;
let node: AttachNode;

setEachScene(skip, async scene => {
  ({ world } = scene);
  await world.createNad('second', SECOND_NETWORK);
  node = await scene.startNode();
});

interface Sandbox extends Call {
  readonly netns: string;
  readonly pod: { readonly name: string; readonly uid: string };
}

async function makeSandbox(name: string): Promise<Sandbox> {
  const pod = await world.createPod(name, 'second,second');
  return { containerId: name, netns: world.makeNetns(name), pod: { name, uid: pod.metadata.uid ?? '' } };
}

async function assertClean(pods: readonly Sandbox[], clean: unknown): Promise<void> {
  for (const { pod } of pods) await world.deletePod(pod.name);
  await eventually('all addresses are released', async () => (await world.cluster.claims()).length === 0);
  await node.releaser.idle();
  assert.deepEqual(await world.leftOvers(), clean);
}

/** Addresses of all attachments in a result of the pipeline and in the journal. */
function addresses(): readonly string[] {
  return node.journal
    .list()
    .flatMap(({ attachments }) =>
      attachments.flatMap(({ result }) => (result?.ips ?? []).map(({ address }) => address)),
    );
}

test(`${MANY} pods of three NICs at once, and their ends at once: all distinct, nothing left`, { skip }, async () => {
  const pods: Sandbox[] = [];
  for (let index = 0; index < MANY; index++) pods.push(await makeSandbox(`p${index}`));
  const clean = await world.leftOvers();
  await Promise.all(pods.map(pod => node.call('ADD', pod)));
  assert.equal(addresses().length, 3 * MANY);
  assert.equal(new Set(addresses()).size, 3 * MANY);
  await Promise.all(pods.map(pod => node.call('CHECK', pod)));
  await Promise.all(pods.map(pod => node.call('DEL', pod)));
  assert.deepEqual(node.journal.list(), []);
  await assertClean(pods, clean);
});

test(`${MANY} ADDs of one container at once leave one attachment of each network`, { skip }, async () => {
  const pod = await makeSandbox('a');
  const clean = await world.leftOvers();
  await Promise.all(Array.from({ length: MANY }, () => node.call('ADD', pod)));
  await node.call('CHECK', pod);
  assert.equal(node.journal.list().length, 1);
  assert.equal(addresses().length, 3);
  await Promise.all(Array.from({ length: MANY }, () => node.call('DEL', pod)));
  await assertClean([pod], clean);
});

test(`${MANY} ADDs and DELs of one container in turn end as the last one says`, { skip }, async () => {
  const pod = await makeSandbox('a');
  const clean = await world.leftOvers();
  for (const last of ['ADD', 'DEL'] as const) {
    const verbs = Array.from({ length: MANY }, (_, index) => ((index % 2 === 0) === (last === 'DEL') ? 'ADD' : 'DEL'));
    const outcomes = await Promise.allSettled(verbs.map(verb => node.call(verb, pod)));
    for (const [index, outcome] of outcomes.entries()) {
      // A DEL cancels the ADDs before it, wherever they are.
      if (outcome.status === 'rejected')
        assert.match(`${verbs[index]}: ${outcome.reason}`, /^ADD: .*overtaken by its DEL/);
    }
    assert.equal(verbs.at(-1), last);
    assert.equal(node.journal.list().length, last === 'ADD' ? 1 : 0);
    if (last === 'ADD') await node.call('CHECK', pod);
    else assert.doesNotMatch(ip('-n ul-test-a link'), /eth0|veth0|net1|net2/);
  }
  await assertClean([pod], clean);
});
