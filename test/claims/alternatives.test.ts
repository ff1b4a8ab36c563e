import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkloadReference } from '#api';
import { type Clock, silentLog } from '#base';
import { type ClaimStore, createClaimStore, type Pool, takeWishes } from '#ipam';
import { addressOf, createSkippingClock, ownerOf, poolOf, startCluster, type TestNode } from './cluster.ts';
import type { SeenCall } from './hooked-client.ts';

const ref = { dialect: 'kube-ovn', kind: 'Subnet', name: 'lan' } as const;
const POOLS: Readonly<Record<4 | 6, Pool>> = {
  4: { ...poolOf('10.0.0.0/24'), ref },
  6: { ...poolOf('fd00::/120'), ref },
};
/** A list of pairs, as `a4,a6;b4,b6`. */
const PAIRS = Array.from({ length: 20 }, (_, index) => [`10.0.0.${10 + index}`, `fd00::${10 + index}`] as const);

/** Takes a pair of the list for a pod. */
async function takePair(
  node: TestNode,
  pod: string,
  pairs: readonly (readonly [string, string])[] = PAIRS,
  workload?: WorkloadReference,
): Promise<string> {
  const alternatives = pairs.map(([v4, v6]) => [
    { pools: [POOLS[4]], address: v4 },
    { pools: [POOLS[6]], address: v6 },
  ]);
  const { slot: _, ...owner } = ownerOf(pod);
  const { store } = node;
  const giveBack = async (claims: Parameters<Parameters<typeof takeWishes>[2]['giveBack']>[0]): Promise<void> => {
    for (const claim of claims) await store.release(claim);
  };
  const { claims } = await takeWishes(
    { alternatives, ...(workload === undefined ? {} : { workload }) },
    { owner, node: node.name },
    { store: storeOf(node), giveBack },
    undefined,
  );
  return claims.map(addressOf).join(',');
}

/** As `takeWishes` asks it. */
function storeOf({ store }: TestNode): ClaimStore {
  return {
    ...store,
    take: ({ pools: [pool], ...request }, signal) => store.take({ ...request, pool: pool ?? POOLS[4] }, signal),
  };
}

/** Makes others on the first node hold pairs, in claims of these pools. */
async function fill({ store }: TestNode, pairs: typeof PAIRS, pools = POOLS): Promise<void> {
  for (const [v4, v6] of pairs) {
    await store.take({ pool: pools[4], owner: ownerOf(`other-${v4}`), address: v4 });
    await store.take({ pool: pools[6], owner: { ...ownerOf(`other-${v4}`), slot: 1 }, address: v6 });
  }
}

async function startPair() {
  const cluster = await startCluster();
  const calls: Partial<Record<SeenCall['verb'], number>> = {};
  const hook = ({ verb }: SeenCall) => {
    calls[verb] = (calls[verb] ?? 0) + 1;
    return 'pass' as const;
  };
  const clock = createSkippingClock();
  const [there, here] = [await cluster.join('n1'), await cluster.join('n2', { hook, clock })];
  return {
    cluster,
    there,
    here,
    /** Calls since it was asked last. */
    callsNow(): Partial<Record<SeenCall['verb'], number>> {
      const now = { ...calls };
      for (const verb of Object.keys(calls) as SeenCall['verb'][]) delete calls[verb];
      return now;
    },
  };
}

test('a full list of pairs costs a look and two tries, not calls for each pair', async () => {
  const { cluster, there, here, callsNow } = await startPair();
  await using _ = cluster;
  await fill(there, PAIRS);
  const message = /Cannot take 10\.0\.0\.10\/24 .*pod "default\/other-10\.0\.0\.10".* on node "n1" holds it/;
  await assert.rejects(takePair(here, 'a'), { code: 'ADDRESS_TAKEN', message });
  assert.deepEqual(callsNow(), { create: 4, get: 4, list: 1 });
  // By now it is known; that nothing was given back meanwhile is asked once more, and who has the first.
  await assert.rejects(takePair(here, 'b'), { code: 'ADDRESS_TAKEN', message });
  assert.deepEqual(callsNow(), { create: 2, get: 2, list: 1 });
  assert.equal((await cluster.claims()).length, 2 * PAIRS.length);
});

test('the one pair of a list that is free is found by one look', async () => {
  const { cluster, there, here, callsNow } = await startPair();
  await using _ = cluster;
  await fill(there, PAIRS.slice(0, -1));
  assert.equal(await takePair(here, 'a'), '10.0.0.29,fd00::29');
  assert.deepEqual(callsNow(), { create: 6, get: 4, list: 1 });
  // A pod that is made again gets what it has, and nobody is asked.
  assert.equal(await takePair(here, 'a'), '10.0.0.29,fd00::29');
  assert.deepEqual(callsNow(), {});
});

test('a pair that was given back since it was lost is taken', async () => {
  const { cluster, there, here, callsNow } = await startPair();
  await using _ = cluster;
  await fill(there, PAIRS);
  await assert.rejects(takePair(here, 'a'), { code: 'ADDRESS_TAKEN' });
  callsNow();
  for (const { metadata } of (await cluster.claims()).filter(({ spec }) => /\D17\//.test(spec.address))) {
    await there.store.release({ name: metadata.name, uid: metadata.uid ?? '' });
  }
  assert.equal(await takePair(here, 'b'), '10.0.0.17,fd00::17');
  assert.deepEqual(callsNow(), { create: 2, list: 1 });
});

test('pairs that claims of another pool hold are found by a look at the whole scope', async () => {
  const { cluster, there, here, callsNow } = await startPair();
  await using _ = cluster;
  const other = { ...ref, name: 'other' };
  await fill(there, PAIRS.slice(0, -1), { 4: { ...POOLS[4], ref: other }, 6: { ...POOLS[6], ref: other } });
  assert.equal(await takePair(here, 'a'), '10.0.0.29,fd00::29');
  assert.deepEqual(callsNow(), { create: 10, get: 8, list: 2 });
});

test('a pair that was lost is not tried again by the next pod', async () => {
  const { cluster, there, here, callsNow } = await startPair();
  await using _ = cluster;
  await fill(there, PAIRS.slice(0, 1));
  assert.equal(await takePair(here, 'a'), '10.0.0.11,fd00::11');
  assert.deepEqual(callsNow(), { create: 4, get: 2 });
  assert.equal(await takePair(here, 'b'), '10.0.0.12,fd00::12');
  assert.deepEqual(callsNow(), { create: 2 });
});

test('pairs of which others have one half each are known by a look at both families', async () => {
  const { cluster, there, here, callsNow } = await startPair();
  await using _ = cluster;
  for (const [index, [v4, v6]] of PAIRS.slice(0, -1).entries()) {
    const [family, address] = index % 2 === 0 ? ([4, v4] as const) : ([6, v6] as const);
    await there.store.take({ pool: POOLS[family], owner: ownerOf(`other-${address}`), address });
  }
  assert.equal(await takePair(here, 'a'), '10.0.0.29,fd00::29');
  // Of what was lost the other half is given back.
  assert.deepEqual(callsNow(), { create: 6, get: 2, delete: 2, list: 1 });
});

test('pods that start together on one node share what they ask, and get a pair each', async () => {
  const { cluster, there, here, callsNow } = await startPair();
  await using _ = cluster;
  await fill(there, PAIRS.slice(0, 16));
  const pods = ['a', 'b', 'c', 'd'];
  const pairs = await Promise.all(pods.map(pod => takePair(here, pod)));
  assert.equal(new Set(pairs).size, pods.length);
  const { create = 0, list = 0 } = callsNow();
  // One look for all who come together, and another for those who came while it was under way.
  assert.ok(list <= 4, `${list} lists`);
  assert.ok(create <= 40, `${create} creates`);
});

test('what a workload keeps of a list is found on whichever node its next pod is, though others are free', async () => {
  const { cluster, there, here } = await startPair();
  await using _ = cluster;
  const workload = { kind: 'VirtualMachine', name: 'vm', uid: 'vm-1' } as const;
  assert.equal(await takePair(there, 'launcher-a', PAIRS.slice(5), workload), '10.0.0.15,fd00::15');
  assert.equal(await takePair(here, 'launcher-b', PAIRS, workload), '10.0.0.15,fd00::15');
  assert.equal((await cluster.claims()).length, 2);
});

test('a pod keeps its address of a further pool, though the first one has addresses again', async () => {
  const { cluster, here } = await startPair();
  await using _ = cluster;
  const [first, second] = [poolOf('10.1.0.1-10.1.0.1/24'), poolOf('10.2.0.0/24')];
  const { slot: _slot, ...owner } = ownerOf('a');
  const full = await here.store.take({ pool: first, owner: ownerOf('other') });
  const take = async (): Promise<string> => {
    const { claims } = await takeWishes(
      { alternatives: [[{ pools: [first] }], [{ pools: [second] }]] },
      { owner, node: here.name },
      { store: storeOf(here), giveBack: async () => undefined },
      undefined,
    );
    return claims.map(addressOf).join();
  };
  const before = await take();
  assert.match(before, /^10\.2\./);
  await here.store.release(full);
  assert.equal(await take(), before);
  assert.equal((await cluster.claims()).length, 1);
});

/** A list of addresses that goes down: a pool for each. */
function listDown(count: number): readonly Pool[] {
  return Array.from({ length: count }, (_, index) => {
    const value = (POOLS[4].usable[0]?.first ?? 0n) + BigInt(count - index);
    return { ...POOLS[4], usable: [{ first: value, last: value }], text: 'the list', order: 'lowest' };
  });
}

/** The store of a node's agent, which takes from several pools. */
function agentOf({ client, cache }: TestNode, clock: Clock): ClaimStore {
  return createClaimStore({ client, cache, sees: 'node', clock, log: silentLog });
}

test('a list that goes down is tried in its order, also from its second place on', async () => {
  const { cluster, there, here } = await startPair();
  await using _ = cluster;
  const pools = listDown(4);
  const [first] = pools;
  assert.ok(first);
  await there.store.take({ pool: first, owner: ownerOf('other') });
  const agent = agentOf(here, createSkippingClock());
  const taken: string[] = [];
  for (const pod of ['a', 'b', 'c']) {
    taken.push(addressOf(await agent.take({ pools, owner: ownerOf(pod), node: here.name })));
  }
  assert.deepEqual(taken, ['10.0.0.4', '10.0.0.3', '10.0.0.2']);
});

test('a full list that goes down is asked about once a round, not once for each entry, and named once', async () => {
  const { cluster, there, here, callsNow } = await startPair();
  await using _ = cluster;
  const pools = listDown(20);
  for (const [index, pool] of pools.entries()) await there.store.take({ pool, owner: ownerOf(`other-${index}`) });
  const agent = agentOf(here, createSkippingClock());
  await assert.rejects(agent.take({ pools, owner: ownerOf('a'), node: here.name }), {
    code: 'POOL_EXHAUSTED',
    message: /of range the list for pod .*: none of its 20 usable addresses is free$/,
  });
  const { list = 0, create = 0 } = callsNow();
  assert.ok(list <= 10 && create <= 4, `${list} lists, ${create} creates`);
});
