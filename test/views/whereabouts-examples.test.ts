import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OVERLAPPING_RANGE_IP_RESERVATIONS, WHEREABOUTS_IP_POOLS } from '#api';
import { parseIpam, resolveWishes, type TakenWishes, takeWishes } from '#ipam';
import { VIEWS_LOOP } from '../../src/controller/views/views-loop.ts';
import { eventually, withControllerScene } from '../controller/scene.ts';

/** A cluster whose controller takes addresses for pods and keeps the views. */
interface Scene {
  /** Takes what a network's `ipam` object gives to net1 of a pod, as a plain text for each address. */
  add(ipam: object, pod: string, node?: string): Promise<readonly string[]>;
  remove(pod: string): Promise<void>;
  /** Resolves when exactly these IPPools are there: holder by offset. */
  pools(expected: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<void>;
  /** Resolves when exactly these reservations are there. */
  reservations(expected: readonly string[]): Promise<void>;
}

async function withScene(run: (scene: Scene) => Promise<void>): Promise<void> {
  await withControllerScene(async ({ client, join, signal }) => {
    const deps = await join();
    const running = VIEWS_LOOP.start(deps, signal).catch(() => undefined); // ends with the scene
    const taken = new Map<string, TakenWishes>();
    await run({
      async add(ipam, pod, node = 'n1') {
        const config = parseIpam({ type: 'whereabouts', ...ipam }, { networkName: 'lan', source: 'the test' });
        assert.notEqual(config.dialect, 'host-local');
        if (config.dialect === 'host-local') return [];
        const [podNamespace = '', podName = ''] = pod.split('/');
        const net1 = { name: 'net1', nad: 'default/lan' };
        const wishes = await resolveWishes(config, {
          ...{ node, interface: net1, isDefault: false, interfaces: [net1] },
          ...{ asked: { ips: [] }, source: 'network "lan"', catalog: undefined },
        });
        const owner = { podNamespace, podName, podUid: `uid-of-${podName}`, network: 'default/lan', interface: 'net1' };
        const giveBack = async (): Promise<void> => undefined;
        const held = await takeWishes(wishes, { owner, node }, { store: deps.store, giveBack }, signal);
        taken.set(pod, held);
        return held.claims.map(({ address }) => address);
      },
      async remove(pod) {
        for (const claim of taken.get(pod)?.claims ?? []) await deps.store.release(claim);
      },
      pools: expected =>
        eventually(`pools ${JSON.stringify(expected)}`, async () => {
          const { items } = await client.list(WHEREABOUTS_IP_POOLS, { namespace: 'kube-system' });
          const seen = items.map(({ metadata, spec }): [string, unknown] => [
            metadata.name,
            Object.fromEntries(Object.entries(spec.allocations).map(([offset, { podref }]) => [offset, podref])),
          ]);
          return JSON.stringify(seen.sort()) === JSON.stringify(Object.entries(expected).sort());
        }).then(() => undefined),
      reservations: expected =>
        eventually(`reservations ${expected.join()}`, async () => {
          const { items } = await client.list(OVERLAPPING_RANGE_IP_RESERVATIONS, { namespace: 'kube-system' });
          const seen = items.map(({ metadata, spec }) => `${metadata.name} ${spec.podref}`);
          return seen.sort().join() === [...expected].sort().join();
        }).then(() => undefined),
    });
    void running;
  });
}

test('a first pod: the first address, the pool by its network, the offset from there', async () => {
  await withScene(async ({ add, pools, reservations }) => {
    assert.deepEqual(await add({ range: '192.168.2.229/28' }, 'default/a'), ['192.168.2.225/28']);
    await pools({ '192.168.2.224-28': { 1: 'default/a' } });
    await reservations(['192.168.2.225 default/a']);
  });
});

test('start, end and exclude: in order, and the error when there is none left', async () => {
  await withScene(async ({ add, pools }) => {
    const ipam = { range: '192.168.2.225-192.168.2.230/28', exclude: ['192.168.2.226/32'] };
    const got: string[] = [];
    for (const pod of ['a', 'b', 'c', 'd', 'e']) got.push(...(await add(ipam, `default/${pod}`)));
    assert.deepEqual(
      got,
      [225, 227, 228, 229, 230].map(last => `192.168.2.${last}/28`),
    );
    await assert.rejects(add(ipam, 'default/f'), { code: 'POOL_EXHAUSTED' });
    await pools({
      '192.168.2.224-28': { 1: 'default/a', 3: 'default/b', 4: 'default/c', 5: 'default/d', 6: 'default/e' },
    });
  });
});

test('a hole is filled first', async () => {
  await withScene(async ({ add, remove }) => {
    const ipam = { range: '192.168.2.224/28' };
    for (const pod of ['a', 'b', 'c']) await add(ipam, `default/${pod}`);
    await remove('default/b');
    assert.deepEqual(await add(ipam, 'default/d'), ['192.168.2.226/28']);
  });
});

test('a pod that asks again has what it had', async () => {
  await withScene(async ({ add, pools }) => {
    const ipam = { range: '10.0.0.0/24' };
    assert.deepEqual(await add(ipam, 'default/a'), await add(ipam, 'default/a'));
    await pools({ '10.0.0.0-24': { 1: 'default/a' } });
  });
});

test('two ranges: an address of each in their order, a pool and a reservation of each', async () => {
  await withScene(async ({ add, remove, pools, reservations }) => {
    const ipam = { ipRanges: [{ range: '10.1.0.0/24' }, { range: 'fd00:1::/64' }] };
    assert.deepEqual(await add(ipam, 'default/a'), ['10.1.0.1/24', 'fd00:1::1/64']);
    await pools({ '10.1.0.0-24': { 1: 'default/a' }, 'fd00-1---64': { 1: 'default/a' } });
    await reservations(['10.1.0.1 default/a', 'fd00-1--1 default/a']);
    await remove('default/a');
    await pools({});
    await reservations([]);
  });
});

test('ranges that overlap hand an address out once, and each shows its own', async () => {
  await withScene(async ({ add, pools, reservations }) => {
    assert.deepEqual(await add({ range: '10.0.0.0/24' }, 'default/a'), ['10.0.0.1/24']);
    assert.deepEqual(await add({ range: '10.0.0.0/16' }, 'default/b'), ['10.0.0.2/16']);
    await pools({ '10.0.0.0-24': { 1: 'default/a' }, '10.0.0.0-16': { 2: 'default/b' } });
    await reservations(['10.0.0.1 default/a', '10.0.0.2 default/b']);
  });
});

test('network_name: the same range once more, with names of its own, and nobody takes its reservations away', async () => {
  await withScene(async ({ add, pools, reservations }) => {
    assert.deepEqual(await add({ range: '10.0.0.0/24' }, 'default/a'), ['10.0.0.1/24']);
    assert.deepEqual(await add({ range: '10.0.0.0/24', network_name: 'blue' }, 'default/b'), ['10.0.0.1/24']);
    await pools({ '10.0.0.0-24': { 1: 'default/a' }, 'blue-10.0.0.0-24': { 1: 'default/b' } });
    await reservations(['10.0.0.1 default/a', 'blue-10.0.0.1 default/b']);
  });
});

test("node slices: an address of the node's slice with the range's mask, a pool of the slice; then the rest of the range", async () => {
  await withScene(async ({ add, pools, reservations }) => {
    const ipam = { range: '10.9.0.0/28', node_slice_size: '/30', network_name: 'f' };
    const addresses = await Promise.all(['a', 'b', 'c'].map(pod => add(ipam, `default/${pod}`)));
    const lasts = addresses.flat().map(address => Number(/^10\.9\.0\.(\d+)\/28$/.exec(address)?.[1]));
    const slice = lasts.find(last => last % 4 === 1 && lasts.includes(last + 1));
    assert.ok(slice !== undefined, addresses.join());
    const outside = lasts.find(last => last !== slice && last !== slice + 1);
    assert.ok(outside !== undefined && outside > 0 && outside < 15, addresses.join());
    const podOf = (last: number): string => {
      const index = addresses.findIndex(([address]) => address === `10.9.0.${last}/28`);
      return `default/${['a', 'b', 'c'][index]}`;
    };
    await pools({
      [`f-n1-10.9.0.${slice - 1}-30`]: { 1: podOf(slice), 2: podOf(slice + 1) },
      'f-10.9.0.0-28': { [outside]: podOf(outside) },
    });
    await reservations(lasts.map(last => `f-10.9.0.${last} ${podOf(last)}`));
  });
});
