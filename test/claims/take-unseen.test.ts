import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IP_ALLOCATIONS, type IPAllocation } from '#api';
import { silentLog, systemClock } from '#base';
import { createClaimStore } from '#ipam';
import type { WatchCache } from '#kube';
import { ownerOf, poolOf, startCluster } from './cluster.ts';

/** Resolves when the cache shows a claim as the predicate wants it. */
function seen(
  cache: { find(name: { name: string }): IPAllocation | undefined; subscribe(listener: () => void): () => void },
  name: string,
  isWanted: (claim: IPAllocation | undefined) => boolean,
): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      if (!isWanted(cache.find({ name }))) return;
      stop();
      resolve();
    };
    const stop = cache.subscribe(look);
    look();
  });
}

test('take() finds the claim that a former agent made, though its own cache knows nothing', async () => {
  await using cluster = await startCluster();
  const pool = poolOf('10.0.0.0/24');
  const former = await (await cluster.join('n1')).store.take({ pool, owner: ownerOf('web-0') });
  const node = await cluster.join('n1');
  const again = await node.store.take({ pool, owner: ownerOf('web-0') });
  assert.equal(again.uid, former.uid);
  assert.equal(again.isNew, false);
});

test("take() asks the API server for the owner's claim while the cache is not to be believed", async () => {
  await using cluster = await startCluster();
  const pool = poolOf('10.0.0.0/24');
  // An address that the owner would not try first.
  const former = await (await cluster.join('n1')).store.take({ pool, owner: ownerOf('a'), address: '10.0.0.5' });
  const node = await cluster.join('n1', { isStale: true });
  const again = await node.store.take({ pool, owner: ownerOf('a') });
  assert.equal(again.uid, former.uid);
});

test('take() treats a claim that is being deleted as held by somebody else', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  const first = await node.store.take({ pool, owner: ownerOf('a') });
  await cluster.client.mergePatch(
    IP_ALLOCATIONS,
    { name: first.name },
    { metadata: { finalizers: ['example.com/wait'] } },
  );
  await cluster.client.delete(IP_ALLOCATIONS, { name: first.name });
  await seen(node.cache, first.name, claim => claim?.metadata.deletionTimestamp !== undefined);
  const second = await node.store.take({ pool, owner: ownerOf('a') });
  assert.notEqual(second.address, first.address);
});

test('take() does not go on with a claim that went before any watch told of it', async () => {
  await using cluster = await startCluster();
  const other = await cluster.join('n1');
  const cache: WatchCache<IPAllocation> = {
    find: () => undefined,
    list: () => [],
    isFresh: true,
    ready: async () => {},
    subscribe: () => () => {},
  };
  const store = createClaimStore({ client: cluster.client, cache, sees: 'node', clock: systemClock, log: silentLog });
  const request = { pools: [poolOf('10.0.0.0/24')], node: 'n1', owner: ownerOf('a') };
  const first = await store.take(request);
  assert.equal((await store.take(request)).uid, first.uid);
  await other.store.release(first);
  const second = await store.take(request);
  assert.notEqual(second.uid, first.uid);
  assert.deepEqual(
    (await cluster.claims()).map(({ metadata }) => metadata.uid),
    [second.uid],
  );
});
