import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { IP_ALLOCATIONS, type IPAllocation, ipAllocationSchema } from '#api';
import { silentLog, systemClock } from '#base';
import { subtract } from '#ip';
import { type Claim, createClaimStore, type Pool } from '#ipam';
import type { WatchCache } from '#kube';
import { addressOf, createSkippingClock, type NodeStore, ownerOf, poolOf, startCluster } from './cluster.ts';
import type { Hook, SeenCall } from './hooked-client.ts';

function recorder(): { readonly calls: SeenCall['verb'][]; readonly hook: Hook } {
  const calls: SeenCall['verb'][] = [];
  return {
    calls,
    hook: ({ verb }) => {
      calls.push(verb);
      return 'pass';
    },
  };
}

/** Takes for pods of these names at once. */
function takeAll(store: NodeStore, pool: Pool, names: readonly string[]): Promise<readonly Claim[]> {
  return Promise.all(names.map(name => store.take({ pool, owner: ownerOf(name) })));
}

test('take() creates one object whose name is the address', async () => {
  await using cluster = await startCluster();
  const { calls, hook } = recorder();
  const node = await cluster.join('n1', { hook });
  const claim = await node.store.take({
    pool: poolOf('172.18.0.0/16', { gateway: '172.18.0.1' }),
    owner: ownerOf('web-0'),
  });
  assert.deepEqual(calls, ['create']);
  const [object, ...others] = await cluster.claims();
  assert.ok(object);
  assert.equal(others.length, 0);
  assert.equal(object.metadata.name, `default-${addressOf(claim)}`);
  assert.deepEqual(object.spec, {
    address: claim.address,
    gateway: '172.18.0.1',
    pool: { dialect: 'whereabouts', kind: 'IPPool', name: '172.18.0.0-16' },
    owner: ownerOf('web-0'),
    node: 'n1',
    policy: 'Ephemeral',
  });
  assert.equal(claim.uid, object.metadata.uid);
  assert.equal(claim.gateway, '172.18.0.1');
  assert.equal(claim.isNew, true);
  assert.ok(ipAllocationSchema.safeParse(object).success);
});

test('take() makes objects of at most 700 bytes for realistic names', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('ip-10-0-131-27.ec2.internal');
  const owner = {
    podNamespace: 'payments-prod',
    podName: 'payments-gateway-7c9d8b6f5d-x2x7k',
    podUid: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
    network: 'payments-prod/macvlan-standalone',
    interface: 'net1',
    slot: 0,
  };
  for (const [range, extra] of [
    ['172.18.30.1-172.18.30.254/16', { gateway: '172.18.0.1', network_name: 'production-lan' }],
    ['fd00:1234:5678:9abc::/64', { gateway: 'fd00:1234:5678:9abc::1' }],
  ] as const) {
    const { object } = await node.store.take({ pool: poolOf(range, extra), owner });
    const { name, labels } = object.metadata;
    const own = { apiVersion: object.apiVersion, kind: object.kind, metadata: { name, labels }, spec: object.spec };
    const bytes = Buffer.byteLength(JSON.stringify(own));
    assert.ok(bytes <= 700, `${bytes} bytes: ${JSON.stringify(own)}`);
  }
});

test('take() gives an owner the claim that it has, without a call once the watch has told of it', async () => {
  await using cluster = await startCluster();
  const { calls, hook } = recorder();
  const node = await cluster.join('n1', { hook });
  const pool = poolOf('10.0.0.0/24');
  const told = Promise.withResolvers<void>();
  node.cache.subscribe(change => void (change.type === 'put' && told.resolve()));
  const first = await node.store.take({ pool, owner: ownerOf('web-0') });
  await told.promise;
  const again = await node.store.take({ pool, owner: ownerOf('web-0') });
  assert.equal(again.uid, first.uid);
  assert.equal(again.isNew, false);
  assert.deepEqual(calls, ['create']);
  assert.equal((await cluster.claims()).length, 1);
});

test('take() of one owner twice at once holds one address', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  const [a, b] = await takeAll(node.store, pool, ['web-0', 'web-0']);
  assert.equal(a?.uid, b?.uid);
  assert.equal((await cluster.claims()).length, 1);
});

test("take() does not let a recreated pod of the same name have its predecessor's claim", async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  const old = await node.store.take({ pool, owner: ownerOf('web-0', 'first') });
  const next = await node.store.take({ pool, owner: ownerOf('web-0', 'second') });
  assert.notEqual(next.address, old.address);
});

test('take() finds the claim that a former agent made, though its own cache knows nothing', async () => {
  await using cluster = await startCluster();
  const pool = poolOf('10.0.0.0/24');
  const former = await (await cluster.join('n1')).store.take({ pool, owner: ownerOf('web-0') });
  const node = await cluster.join('n1');
  const again = await node.store.take({ pool, owner: ownerOf('web-0') });
  assert.equal(again.uid, former.uid);
  assert.equal(again.isNew, false);
});

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

test('take() keeps addresses of two scopes apart', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const [a] = await takeAll(node.store, poolOf('10.0.0.1-10.0.0.1/24'), ['a']);
  const [b] = await takeAll(node.store, poolOf('10.0.0.1-10.0.0.1/24', { network_name: 'blue' }), ['b']);
  assert.deepEqual([a?.name, b?.name], ['default-10.0.0.1', 'blue-10.0.0.1']);
});

test('take() gives the address that was asked for, with or without prefix length', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  const asked = await node.store.take({ pool, owner: ownerOf('a'), address: '10.0.0.77' });
  assert.equal(asked.address, '10.0.0.77/24');
  assert.equal((await node.store.take({ pool, owner: ownerOf('a'), address: '10.0.0.77/24' })).uid, asked.uid);
  await assert.rejects(node.store.take({ pool, owner: ownerOf('b'), address: '10.0.0.77' }), {
    code: 'ADDRESS_TAKEN',
    message:
      'Cannot take 10.0.0.77/24 for pod "default/b" (network "default/lan", interface "net1"): pod "default/a" (network "default/lan", interface "net1") on node "n1" holds it',
  });
});

test('take() refuses an address that the range does not hand out', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24', { gateway: '10.0.0.1', exclude: ['10.0.0.9'] });
  for (const address of ['10.0.0.1', '10.0.0.0', '10.0.0.255', '10.0.0.9', '10.0.1.5', '10.0.0.5/16', 'fd00::5', 'x']) {
    await assert.rejects(
      node.store.take({ pool, owner: ownerOf('a'), address }),
      { code: 'ADDRESS_OUTSIDE_POOL' },
      address,
    );
  }
  assert.equal((await cluster.claims()).length, 0);
});

test('take() gives the address that was asked for to an owner that holds another one', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  await node.store.take({ pool, owner: ownerOf('a'), address: '10.0.0.5' });
  const asked = await node.store.take({ pool, owner: ownerOf('a'), address: '10.0.0.77' });
  assert.equal(asked.address, '10.0.0.77/24');
});

test('take() does not go on with a claim that the range no longer hands out', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  await node.store.take({ pool: poolOf('10.0.0.0/24'), owner: ownerOf('a'), address: '10.0.0.5' });
  const after = await node.store.take({ pool: poolOf('10.0.0.0/24', { exclude: ['10.0.0.5'] }), owner: ownerOf('a') });
  assert.notEqual(after.address, '10.0.0.5/24');
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

test('take() writes a changed gateway and prefix length into a claim that stays', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const before = await node.store.take({
    pool: poolOf('10.0.0.0/25', { gateway: '10.0.0.1' }),
    owner: ownerOf('a'),
    address: '10.0.0.5',
  });
  const after = await node.store.take({ pool: poolOf('10.0.0.0/24'), owner: ownerOf('a'), address: '10.0.0.5' });
  assert.equal(after.uid, before.uid);
  assert.equal(after.address, '10.0.0.5/24');
  const [object] = await cluster.claims();
  assert.equal(object?.spec.address, '10.0.0.5/24');
  assert.equal(object?.spec.gateway, undefined);
  assert.equal(object?.spec.pool.name, '10.0.0.0-24');
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

test('take() of 300 attachments from 2 nodes shares exactly 300 addresses', async () => {
  await using cluster = await startCluster();
  const nodes = await Promise.all(['n1', 'n2'].map(name => cluster.join(name)));
  const pool = poolOf('10.0.0.1-10.0.1.44/23');
  const claims = await Promise.all(
    Array.from({ length: 300 }, (_, index) => {
      const store = nodes[index % 2]?.store;
      assert.ok(store);
      return store.take({ pool, owner: ownerOf(`pod-${index}`) });
    }),
  );
  assert.equal(new Set(claims.map(addressOf)).size, 300);
  assert.equal((await cluster.claims()).length, 300);
});

test('take() stops when its signal does', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.1-10.0.0.1/24');
  await node.store.take({ pool, owner: ownerOf('a') });
  const ending = new AbortController();
  const waiting = node.store.take({ pool, owner: ownerOf('b') }, ending.signal);
  setImmediate(() => ending.abort(new Error('enough')));
  await once(ending.signal, 'abort');
  await assert.rejects(waiting, /enough|abort/i);
});

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

test('take() lets an owner keep an address that it asks for though nobody else gets it any more', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  const address = '10.0.0.77';
  const held = await node.store.take({ pool, owner: ownerOf('a'), address });
  const value = 0x0a00004dn;
  const interval = { first: value, last: value };
  const closed: Pool = { ...pool, usable: subtract(pool.usable, [interval]), kept: [interval] };
  assert.equal((await node.store.take({ pool: closed, owner: ownerOf('a'), address })).uid, held.uid);
  await node.store.release(held);
  await assert.rejects(node.store.take({ pool: closed, owner: ownerOf('a'), address }), {
    code: 'ADDRESS_OUTSIDE_POOL',
  });
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
