import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PodState } from '#api';
import { silentLog } from '#base';
import { type Claim, createReleaser, type Releaser } from '#ipam';
import { createSkippingClock, ownerOf, poolOf, startCluster, type TestNode } from './cluster.ts';
import type { Hook } from './hooked-client.ts';

/** An agent's releaser over a directory that outlives it. */
interface Agent {
  readonly releaser: Releaser;
  /** As kill does it: nothing is waited for. */
  stop(): void;
}

interface World {
  readonly pods: Map<string, PodState>;
  readonly bound: Set<string>;
  readonly dir: string;
  start(node: TestNode): Agent;
  [Symbol.dispose](): void;
}

function createWorld(): World {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-releaser-'));
  const pods = new Map<string, PodState>();
  const bound = new Set<string>();
  return {
    pods,
    bound,
    dir,
    start(node) {
      const ending = new AbortController();
      const releaser = createReleaser({
        dir,
        store: node.store,
        client: node.client,
        node: node.name,
        isBound: name => bound.has(name),
        isSpare: () => false,
        podState: async (_namespace, _name, uid) => pods.get(uid) ?? 'gone',
        clock: createSkippingClock(),
        log: silentLog,
        signal: ending.signal,
      });
      return { releaser, stop: () => ending.abort() };
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  };
}

function refOf({ name, uid }: Claim): { name: string; uid: string } {
  return { name, uid };
}

const pool = poolOf('10.0.0.0/24');

test('the releaser deletes the claims of pods that are gone, terminating or finished', async () => {
  await using cluster = await startCluster();
  using world = createWorld();
  const node = await cluster.join('n1');
  const states: readonly PodState[] = ['gone', 'terminating', 'finished', 'live'];
  const claims = await Promise.all(states.map(state => node.store.take({ pool, owner: ownerOf(state) })));
  for (const state of states) world.pods.set(`uid-of-${state}`, state);
  const { releaser } = world.start(node);
  await releaser.enqueue(claims.map(refOf));
  await releaser.idle();
  assert.deepEqual(
    (await cluster.claims()).map(({ spec }) => spec.owner.podName),
    ['live'],
  );
  assert.equal(releaser.size, 1);
  world.pods.set('uid-of-live', 'terminating');
  releaser.podChanged('uid-of-live');
  await releaser.idle();
  assert.equal((await cluster.claims()).length, 0);
  assert.deepEqual(readdirSync(world.dir), []);
});

test('an old DEL after the new ADD of the same pod frees nothing', async () => {
  await using cluster = await startCluster();
  using world = createWorld();
  const node = await cluster.join('n1');
  const { releaser } = world.start(node);
  world.pods.set('uid-of-web-0', 'live');
  const first = await node.store.take({ pool, owner: ownerOf('web-0') });
  // kubelet replaces the sandbox: the new one takes the same claim, then the old one's DEL arrives.
  const second = await node.store.take({ pool, owner: ownerOf('web-0') });
  assert.equal(second.uid, first.uid);
  world.bound.add(first.name);
  await releaser.enqueue([refOf(first)]);
  await releaser.idle();
  // Even with the pod on its way out, the sandbox that is still there counts.
  world.pods.set('uid-of-web-0', 'terminating');
  releaser.podChanged('uid-of-web-0');
  await releaser.idle();
  assert.equal((await cluster.claims()).length, 1);
  world.bound.delete(first.name);
  await releaser.enqueue([refOf(first)]);
  await releaser.idle();
  assert.equal((await cluster.claims()).length, 0);
});

test("a queued release does not hit the address's next holder", async () => {
  await using cluster = await startCluster();
  using world = createWorld();
  const single = poolOf('10.0.0.1-10.0.0.1/24');
  const node = await cluster.join('n1');
  const other = await cluster.join('n2');
  const first = await node.store.take({ pool: single, owner: ownerOf('a') });
  // Queued, then the node is cut off; meanwhile somebody with the right to do so freed the address.
  await cluster.goAway();
  const cutOff = world.start(node);
  await cutOff.releaser.enqueue([refOf(first)]);
  cutOff.stop();
  await cluster.comeBack();
  await other.store.release(first);
  const second = await other.store.take({ pool: single, owner: ownerOf('b') });
  assert.equal(second.name, first.name);
  const { releaser } = world.start(node);
  await releaser.idle();
  assert.deepEqual(
    (await cluster.claims()).map(({ metadata }) => metadata.uid),
    [second.uid],
  );
  assert.equal(releaser.size, 0);
  assert.deepEqual(readdirSync(world.dir), []);
});

test('a DEL with the API server away is written when it is back, across a restart of the agent', async () => {
  await using cluster = await startCluster();
  using world = createWorld();
  const node = await cluster.join('n1');
  const claims = await Promise.all(['a', 'b', 'c'].map(name => node.store.take({ pool, owner: ownerOf(name) })));
  await cluster.goAway();
  const first = world.start(node);
  await first.releaser.enqueue(claims.map(refOf));
  assert.equal(readdirSync(world.dir).length, 3);
  first.stop();
  const second = world.start(node);
  assert.equal(second.releaser.size, 3);
  await cluster.comeBack();
  await second.releaser.idle();
  assert.equal((await cluster.claims()).length, 0);
  assert.deepEqual(readdirSync(world.dir), []);
});

test('the releaser goes on by itself while the API server is away', async () => {
  await using cluster = await startCluster();
  using world = createWorld();
  let failures = 0;
  const hook: Hook = ({ verb }) => (verb === 'create' || ++failures > 10 ? 'pass' : 'fail-before');
  const node = await cluster.join('n1', { hook });
  const claim = await node.store.take({ pool, owner: ownerOf('a') });
  const { releaser } = world.start(node);
  await releaser.enqueue([refOf(claim)]);
  await releaser.idle();
  assert.ok(failures > 10);
  assert.equal((await cluster.claims()).length, 0);
});

test('a lost call at every place of a release frees the address once and leaves an empty queue', async () => {
  for (const side of ['fail-before', 'fail-after'] as const) {
    for (let number = 2; number <= 4; number++) {
      await using cluster = await startCluster();
      using world = createWorld();
      const node = await cluster.join('n1', { hook: call => (call.number === number ? side : 'pass') });
      const claim = await node.store.take({ pool, owner: ownerOf('a') });
      const { releaser } = world.start(node);
      await releaser.enqueue([refOf(claim)]);
      await releaser.idle();
      assert.equal((await cluster.claims()).length, 0, `${side} ${number}`);
      assert.deepEqual(readdirSync(world.dir), []);
    }
  }
});

test('a claim that an ADD binds while its pod is being looked at is kept', async () => {
  await using cluster = await startCluster();
  using world = createWorld();
  const node = await cluster.join('n1');
  const claim = await node.store.take({ pool, owner: ownerOf('a') });
  const releaser = createReleaser({
    dir: world.dir,
    store: node.store,
    client: node.client,
    node: node.name,
    isBound: name => world.bound.has(name),
    isSpare: () => false,
    podState: async () => {
      world.bound.add(claim.name);
      return 'gone';
    },
    clock: createSkippingClock(),
    log: silentLog,
    signal: new AbortController().signal,
  });
  await releaser.enqueue([refOf(claim)]);
  await releaser.idle();
  assert.equal((await cluster.claims()).length, 1);
});

test('a container without a pod holds its claim until no sandbox is bound', async () => {
  await using cluster = await startCluster();
  using world = createWorld();
  const node = await cluster.join('n1');
  const owner = { containerId: 'c1', network: 'lan', interface: 'eth0', slot: 0 };
  const claim = await node.store.take({ pool, owner });
  world.bound.add(claim.name);
  const { releaser } = world.start(node);
  await releaser.enqueue([refOf(claim)]);
  await releaser.idle();
  assert.equal((await cluster.claims()).length, 1);
  world.bound.clear();
  releaser.podChanged('c1');
  await releaser.idle();
  assert.equal((await cluster.claims()).length, 0);
});

test('a queue file that a crash cut off, and one that is not ours, stop nobody', async () => {
  await using cluster = await startCluster();
  using world = createWorld();
  const node = await cluster.join('n1');
  const claim = await node.store.take({ pool, owner: ownerOf('a') });
  writeFileSync(join(world.dir, 'uid-1.json.tmp'), '{"name":');
  writeFileSync(join(world.dir, 'uid-2.json'), 'not JSON');
  writeFileSync(join(world.dir, 'uid-3.json'), '{"name":5}');
  writeFileSync(join(world.dir, `${claim.uid}.json`), JSON.stringify(refOf(claim)));
  const { releaser } = world.start(node);
  await releaser.idle();
  assert.equal((await cluster.claims()).length, 0);
  assert.deepEqual(readdirSync(world.dir).sort(), ['uid-2.json', 'uid-3.json']);
});
