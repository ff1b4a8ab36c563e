import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim } from '#ipam';
import { createSkippingClock, ownerOf, poolOf, startCluster, takeAll } from './cluster.ts';

test('take() says so when a range is exhausted, after having waited 2 s for a release', async () => {
  await using cluster = await startCluster();
  const clock = createSkippingClock();
  const node = await cluster.join('n1', { clock });
  const pool = poolOf('10.0.0.1-10.0.0.2/24');
  await takeAll(node.store, pool, ['a', 'b']);
  await assert.rejects(node.store.take({ pool, owner: ownerOf('web-0') }), {
    name: 'IpamError',
    code: 'POOL_EXHAUSTED',
    message:
      'Cannot take an address of range 10.0.0.1-10.0.0.2/24 for pod "default/web-0" (network "default/lan", interface "net1"): Could not allocate IP in range, none of its 2 usable addresses is free',
  });
  assert.equal(clock.sleptMs, 2_000);
  assert.equal((await cluster.claims()).length, 2);
});

test('take() gets an address that is released while it waits', async () => {
  await using cluster = await startCluster();
  const other = await cluster.join('n2');
  const pool = poolOf('10.0.0.1-10.0.0.2/24');
  const [held] = await takeAll(other.store, pool, ['a', 'b']);
  assert.ok(held);
  const waits = createSkippingClock();
  const clock = {
    now: waits.now,
    async sleep(ms: number, signal?: AbortSignal) {
      await waits.sleep(ms, signal);
      if (waits.sleptMs >= 1_000) await other.store.release(held);
    },
  };
  const node = await cluster.join('n1', { clock });
  const claim = await node.store.take({ pool, owner: ownerOf('web-0') });
  assert.equal(claim.address, held.address);
});

test('take() finds the last free address among claims of an overlapping pool', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1', { clock: createSkippingClock() });
  const other = await cluster.join('n2');
  const wide = poolOf('10.0.0.0/24');
  // Every address but .77, by the wide pool; the narrow one's own list is empty.
  await takeAll(
    other.store,
    poolOf('10.0.0.0/24', { exclude: ['10.0.0.77'] }),
    Array.from({ length: 253 }, (_, index) => `p${index}`),
  );
  const claim = await node.store.take({ pool: poolOf('10.0.0.64/26'), owner: ownerOf('web-0') });
  assert.equal(claim.address, '10.0.0.77/26');
  await assert.rejects(node.store.take({ pool: wide, owner: ownerOf('web-1') }), { code: 'POOL_EXHAUSTED' });
});

test('take() hands an address that was just released out last', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.1-10.0.0.4/24');
  const released = await node.store.take({ pool, owner: ownerOf('a') });
  await node.store.release(released);
  const claims: Claim[] = [];
  for (const name of ['b', 'c', 'd', 'e']) claims.push(await node.store.take({ pool, owner: ownerOf(name) }));
  assert.equal(
    claims.findIndex(({ address }) => address === released.address),
    3,
  );
});

test('take() that finds a range exhausted looks whether its last address was taken for this very owner', async () => {
  await using cluster = await startCluster();
  const other = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/30');
  await other.store.take({ pool, owner: ownerOf('b') });
  const last = await other.store.take({ pool, owner: ownerOf('c') });
  let mine: Claim | undefined;
  const node = await cluster.join('n1', {
    clock: createSkippingClock(),
    // While we ask what is held.
    hook: async ({ verb }) => {
      if (verb === 'list' && mine === undefined) {
        await other.store.release(last);
        mine = await other.store.take({ pool, owner: ownerOf('a') });
      }
      return 'pass' as const;
    },
  });
  assert.equal((await node.store.take({ pool, owner: ownerOf('a') })).uid, mine?.uid);
});
