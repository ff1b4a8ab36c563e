import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IP_ALLOCATIONS } from '#api';
import type { Claim } from '#ipam';
import { isApiError } from '#kube';
import { createSkippingClock, ownerOf, poolOf, startCluster } from './cluster.ts';
import type { Hook } from './hooked-client.ts';

/** Lets exactly one call fail. */
function failAt(number: number, side: 'fail-before' | 'fail-after'): Hook {
  return call => (call.number === number ? side : 'pass');
}

test('take() survives a lost call at every place, and holds one address in the end', async () => {
  for (const side of ['fail-before', 'fail-after'] as const) {
    for (let number = 1; number <= 6; number++) {
      await using cluster = await startCluster();
      const other = await cluster.join('n2');
      const pool = poolOf('10.0.0.1-10.0.0.4/24');
      // Collisions, so that get and list come up as well.
      for (const name of ['a', 'b', 'c']) await other.store.take({ pool, owner: ownerOf(name) });
      const node = await cluster.join('n1', { hook: failAt(number, side), clock: createSkippingClock() });
      // As the runtime does it: a failed ADD is tried again.
      const claim = await node.store
        .take({ pool, owner: ownerOf('web-0') })
        .catch(() => node.store.take({ pool, owner: ownerOf('web-0') }));
      const held = (await cluster.claims()).filter(({ spec }) => spec.owner.podName === 'web-0');
      assert.deepEqual(
        held.map(({ metadata }) => metadata.uid),
        [claim.uid],
        `${side} ${number}`,
      );
      assert.equal((await cluster.claims()).length, 4);
    }
  }
});

test('take() whose create was carried out without an answer counts the claim as new', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1', { hook: failAt(1, 'fail-after'), clock: createSkippingClock() });
  const claim = await node.store.take({ pool: poolOf('10.0.0.0/24'), owner: ownerOf('web-0') });
  assert.equal(claim.isNew, true);
  assert.equal((await cluster.claims()).length, 1);
});

test('take() fails when the API server stays away, and leaves nothing that the next take does not find', async () => {
  await using cluster = await startCluster();
  const clock = createSkippingClock();
  let isAway = true;
  // Every create is carried out, no answer ever arrives.
  const hook: Hook = () => (isAway ? 'fail-after' : 'pass');
  const node = await cluster.join('n1', { hook, clock });
  const pool = poolOf('10.0.0.0/24');
  await assert.rejects(node.store.take({ pool, owner: ownerOf('web-0') }), error => isApiError(error, 'Unreachable'));
  isAway = false;
  const claim = await node.store.take({ pool, owner: ownerOf('web-0') });
  assert.deepEqual(
    (await cluster.claims()).map(({ metadata }) => metadata.uid),
    [claim.uid],
  );
});

test('release() deletes exactly the object that was seen', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const other = await cluster.join('n2');
  const pool = poolOf('10.0.0.1-10.0.0.1/24');
  const first = await node.store.take({ pool, owner: ownerOf('a') });
  assert.equal(await node.store.release(first), 'released');
  assert.equal(await node.store.release(first), 'gone');
  const second = await other.store.take({ pool, owner: ownerOf('b') });
  assert.equal(second.name, first.name);
  assert.equal(await node.store.release(first), 'changed');
  assert.deepEqual(
    (await cluster.claims()).map(({ metadata }) => metadata.uid),
    [second.uid],
  );
});

test('take() after a release never gives the released object again, though the watch still shows it', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.1-10.0.0.1/24');
  const first = await node.store.take({ pool, owner: ownerOf('a') });
  await node.store.release(first);
  const second = await node.store.take({ pool, owner: ownerOf('a') });
  assert.notEqual(second.uid, first.uid);
  assert.equal(second.isNew, true);
  assert.deepEqual(
    (await cluster.claims()).map(({ metadata }) => metadata.uid),
    [second.uid],
  );
});

test('take() after a DELETE without an answer makes an object that the late DELETE cannot hit', async () => {
  await using cluster = await startCluster();
  const clock = createSkippingClock();
  let isLost = false;
  const node = await cluster.join('n1', {
    clock,
    hook: ({ verb }) => (verb === 'delete' && isLost ? 'fail-before' : 'pass'),
  });
  const pool = poolOf('10.0.0.1-10.0.0.1/24');
  const first = await node.store.take({ pool, owner: ownerOf('a') });
  isLost = true;
  await assert.rejects(node.store.release(first), error => isApiError(error, 'Unreachable'));
  isLost = false;
  const second = await node.store.take({ pool, owner: ownerOf('a') });
  assert.notEqual(second.uid, first.uid);
  // The DELETE that was on its way arrives now.
  assert.equal(await node.store.release(first), 'changed');
  assert.deepEqual(
    (await cluster.claims()).map(({ metadata }) => metadata.uid),
    [second.uid],
  );
});

test("take() does so as well when it asked the API server for the owner's claims", async () => {
  await using cluster = await startCluster();
  const hook: Hook = ({ verb, number }) => (verb === 'delete' && number < 4 ? 'fail-before' : 'pass');
  const node = await cluster.join('n1', { hook, isStale: true, clock: createSkippingClock() });
  const pool = poolOf('10.0.0.0/24');
  const first = await node.store.take({ pool, owner: ownerOf('a') });
  await assert.rejects(node.store.release(first), error => isApiError(error, 'Unreachable'));
  const second = await node.store.take({ pool, owner: ownerOf('a') });
  assert.notEqual(second.uid, first.uid);
});

test('release() of an object that changed meanwhile leaves it to its owner', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  const claim = await node.store.take({ pool, owner: ownerOf('a') });
  await cluster.client.mergePatch(IP_ALLOCATIONS, { name: claim.name }, { metadata: { annotations: { note: 'x' } } });
  assert.equal(await node.store.release(claim), 'changed');
  assert.equal((await node.store.take({ pool, owner: ownerOf('a') })).uid, claim.uid);
});

test('take() never writes into an object that changed hands before its patch arrived', async () => {
  await using cluster = await startCluster();
  const other = await cluster.join('n2');
  const pool = poolOf('10.0.0.1-10.0.0.2/24');
  const hook: Hook = async ({ verb }): Promise<'pass'> => {
    if (verb !== 'mergePatch') return 'pass';
    await other.store.release(first);
    await other.store.take({ pool, owner: ownerOf('b'), address: '10.0.0.1' });
    return 'pass';
  };
  const node = await cluster.join('n1', { hook });
  const first = await node.store.take({ pool, owner: ownerOf('a'), address: '10.0.0.1' });
  const changed = poolOf('10.0.0.1-10.0.0.2/24', { gateway: '10.0.0.9' });
  const second = await node.store.take({ pool: changed, owner: ownerOf('a') });
  assert.equal(second.address, '10.0.0.2/24');
  const theirs = (await cluster.claims()).find(({ spec }) => spec.owner.podName === 'b');
  assert.equal(theirs?.spec.gateway, undefined);
  assert.equal(theirs?.spec.node, 'n2');
});

test('reassert() keeps what is there, makes again what is missing, and reports what somebody else holds', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const other = await cluster.join('n2');
  const pool = poolOf('10.0.0.1-10.0.0.1/24');
  const claim = await node.store.take({ pool, owner: ownerOf('a') });
  const wanted = { ref: { name: claim.name, uid: claim.uid }, spec: claim.object.spec };

  const kept = await node.store.reassert(wanted);
  assert.deepEqual(kept, { kind: 'held', uid: claim.uid });

  await other.store.release(claim);
  // The node's own cache may still show it: a former agent's journal meets a new cache.
  const fresh = await cluster.join('n1');
  const again = await fresh.store.reassert(wanted);
  assert.ok(again.kind === 'held' && again.uid !== claim.uid);
  const [object] = await cluster.claims();
  assert.deepEqual(object?.spec, claim.object.spec);
  assert.deepEqual(object?.metadata.labels, claim.object.metadata.labels);

  await other.store.release({ name: claim.name, uid: again.uid });
  await other.store.take({ pool, owner: ownerOf('b') });
  const lost = await (await cluster.join('n1')).store.reassert(wanted);
  assert.ok(lost.kind === 'lost');
  assert.equal(lost.holder.spec.owner.podName, 'b');
});

/** What a random run does: takes and releases by pods of two nodes, with calls failing on either side. */
const anyRun = fc.record({
  steps: fc.array(
    fc.record({
      pod: fc.integer({ min: 0, max: 7 }),
      action: fc.constantFrom('take' as const, 'take' as const, 'release' as const),
      isAwaited: fc.boolean(),
    }),
    { minLength: 1, maxLength: 30 },
  ),
  fates: fc.array(
    fc.constantFrom('pass' as const, 'pass' as const, 'pass' as const, 'fail-before' as const, 'fail-after' as const),
    { minLength: 1, maxLength: 40 },
  ),
});

test('takes and releases in any order with any faults never give one address to two pods', async () => {
  await using cluster = await startCluster();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(anyRun, async ({ steps, fates }) => {
      run++;
      // A scope for each run: no two runs meet.
      const pool = poolOf('10.0.0.1-10.0.0.5/24', { network_name: `run-${run}` });
      const hook: Hook = ({ number }) => fates[number % fates.length] ?? 'pass';
      const clock = createSkippingClock();
      const nodes = await Promise.all(['n1', 'n2'].map(name => cluster.join(`${name}-${run}`, { hook, clock })));
      /** What each pod believes to hold: from the answer of take until the call of release. */
      const believed = new Map<number, Claim>();
      const running: Promise<void>[] = [];
      const queues = new Map<number, Promise<void>>();
      for (const { pod, action, isAwaited } of steps) {
        const store = nodes[pod % 2]?.store;
        assert.ok(store);
        const act = async (): Promise<void> => {
          if (action === 'take') {
            const claim = await store.take({ pool, owner: ownerOf(`pod-${pod}`) }).catch(() => undefined);
            if (claim === undefined) return;
            believed.set(pod, claim);
            const same = [...believed].filter(([, other]) => other.address === claim.address);
            assert.equal(same.length, 1, `${claim.address} is held by pods ${same.map(([name]) => name).join(', ')}`);
            return;
          }
          const claim = believed.get(pod);
          believed.delete(pod);
          if (claim !== undefined) await store.release(claim).catch(() => undefined);
        };
        // Work on one pod is serial; different pods run at once.
        const next = (queues.get(pod) ?? Promise.resolve()).then(act);
        queues.set(pod, next);
        running.push(next);
        if (isAwaited) await next;
      }
      await Promise.all(running);
      const uids = new Set((await cluster.claims()).map(({ metadata }) => metadata.uid));
      for (const claim of believed.values()) assert.ok(uids.has(claim.uid), `${claim.name} is not held any more`);
    }),
    { numRuns: 40 },
  );
});
