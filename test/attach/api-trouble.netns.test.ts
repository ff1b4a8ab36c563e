import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCniError } from '#cni';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually } from '../agent/test-node.ts';
import type { AttachNode, Call } from './node.ts';
import { type Scene, setEachScene } from './scene.ts';
import { startTroubleProxy, type TroubleProxy } from './trouble-proxy.ts';
import { ip, SECOND_NETWORK, WHEREABOUTS, type World } from './world.ts';

/** An API server that is slow, away, silent, or says 500 and 429: every verb ends in time and says why. */
const { skip } = skipUnlessRing2();

/** What must work has time, whatever else the machine does; what must fail is not waited for longer than it takes to show. */
const LONG = { addMs: 60_000, delMs: 10_000, delegateMs: 60_000 };
const SHORT = { addMs: 2_000, delMs: 2_000, delegateMs: 2_000 };
/** Read at each call. */
const deadlines = { ...LONG };
let world: World;
let scene: Scene;
let proxy: TroubleProxy;
let node: AttachNode;

setEachScene(skip, async made => {
  scene = made;
  ({ world } = scene);
  Object.assign(deadlines, LONG);
  await world.createNad('second', SECOND_NETWORK);
  await world.createNad('third', { type: 'macvlan', master: 'up0', ipam: WHEREABOUTS });
  proxy = scene.ending.use(await startTroubleProxy(world.cluster.server));
});

async function start(): Promise<void> {
  node = await scene.startNode({ server: proxy.url, deadlines });
}

/** A pod of three NICs that the node has heard of. */
async function makePod(): Promise<Call> {
  const pod = await world.createPod('a', 'second,third');
  return { containerId: 'ctr', netns: world.makeNetns('a'), pod: { name: 'a', uid: pod.metadata.uid ?? '' } };
}

async function failedAdd(request: Call): Promise<{ readonly code: number; readonly msg: string }> {
  Object.assign(deadlines, SHORT);
  const [outcome] = await Promise.allSettled([node.call('ADD', request)]);
  Object.assign(deadlines, LONG);
  if (outcome.status === 'fulfilled') assert.fail('it succeeded');
  return toCniError(outcome.reason);
}

async function endPod(clean: unknown): Promise<void> {
  await world.deletePod('a');
  await eventually('all addresses are released', async () => (await world.cluster.claims()).length === 0);
  await node.releaser.idle();
  assert.deepEqual(await world.leftOvers(), clean);
}

test('a slow API server (2 s a call) is asked for as much as a quick one, and the pod starts', { skip }, async () => {
  await start();
  const request = await makePod();
  const clean = await world.leftOvers();
  const before = proxy.requests.length;
  await node.call('ADD', request);
  const quick = proxy.requests.slice(before).sort();
  await node.call('DEL', request);
  proxy.trouble = { delayMs: 2_000 };
  const between = proxy.requests.length;
  await node.call('ADD', request);
  // The claims are the pod's still: no more than the status is written.
  assert.ok(proxy.requests.length - between <= quick.length, proxy.requests.slice(between).join());
  await node.call('CHECK', request);
  await node.call('DEL', request);
  proxy.trouble = undefined;
  await endPod(clean);
});

test('an API server slower than the ADD may last fails it in time, with nothing left', { skip }, async () => {
  await start();
  const request = await makePod();
  const clean = await world.leftOvers();
  proxy.trouble = { delayMs: 3_000 };
  const { code, msg } = await failedAdd(request);
  assert.equal(code, 11, msg);
  assert.match(msg, /ADD took longer than 2 s/);
  assert.doesNotMatch(ip('-n ul-test-a link'), /eth0|net1|net2/);
  await node.call('DEL', request);
  proxy.trouble = undefined;
  await node.call('ADD', request);
  await node.call('CHECK', request);
  await node.call('DEL', request);
  await endPod(clean);
});

for (const [what, trouble, message] of [
  ['says 500', { status: 500 }, /500|in trouble/],
  ['says 429 for now', { status: 429, headers: { 'retry-after': '1' } }, /429|in trouble/],
  ['says 503', { status: 503 }, /503|in trouble/],
  ['never answers', { hangs: true }, /took longer than 2 s|no answer/],
] as const) {
  test(`an API server that ${what}: ADD fails in time and says so, DEL is done, and all goes on when it is well again`, {
    skip,
  }, async () => {
    await start();
    const request = await makePod();
    const clean = await world.leftOvers();
    // Both before anything is there, and with the addresses taken already.
    for (const only of [undefined, (asked: string) => /PATCH .*\/pods\//.test(asked)]) {
      proxy.trouble = { ...trouble, ...(only === undefined ? {} : { only }) };
      const before = proxy.requests.length;
      const failed = await failedAdd(request);
      assert.equal(failed.code, 11, failed.msg);
      assert.match(failed.msg, message);
      assert.doesNotMatch(ip('-n ul-test-a link'), /eth0|net1|net2/);
      assert.deepEqual(node.journal.list(), []);
      assert.ok(proxy.requests.length - before < 40, `${proxy.requests.length - before} requests`);
      await node.call('DEL', request);
    }
    proxy.trouble = undefined;
    await node.call('ADD', request);
    proxy.trouble = trouble;
    await node.call('CHECK', request);
    assert.equal(await node.call('STATUS', { ...request, config: { cniVersion: '1.1.0' } }), '');
    await node.call('DEL', request);
    assert.doesNotMatch(ip('-n ul-test-a link'), /eth0|net1|net2/);
    assert.deepEqual(node.journal.list(), []);
    proxy.trouble = undefined;
    await endPod(clean);
  });
}

test('an API server that is away: ADD fails in time and says so, DEL is done, and all goes on when it is back', {
  skip,
}, async () => {
  await start();
  const request = await makePod();
  const clean = await world.leftOvers();
  await world.cluster.goAway();
  const failed = await failedAdd(request);
  assert.equal(failed.code, 11, failed.msg);
  assert.doesNotMatch(ip('-n ul-test-a link'), /eth0|net1|net2/);
  await node.call('DEL', request);
  assert.equal(await node.call('STATUS', { ...request, config: { cniVersion: '1.1.0' } }), '');
  await world.cluster.comeBack();
  // Its caches have to catch up.
  await eventually('an ADD works again', () =>
    node.call('ADD', request).then(
      () => true,
      () => false,
    ),
  );
  await world.cluster.goAway();
  await node.call('CHECK', request);
  await node.call('DEL', request);
  assert.doesNotMatch(ip('-n ul-test-a link'), /eth0|net1|net2/);
  await world.cluster.comeBack();
  await endPod(clean);
});
