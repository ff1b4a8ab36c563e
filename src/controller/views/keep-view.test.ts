import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IPAllocation, listCrds, OVERLAPPING_RANGE_IP_RESERVATIONS, WHEREABOUTS_IP_POOLS } from '#api';
import { systemClock } from '#base';
import { isApiError } from '#kube';
import type { Hook } from '../../../test/claims/hooked-client.ts';
import { withViews } from '../../../test/views/scene.ts';
import { VIEW_LABELS } from './ours.ts';
import { claimOf, whereaboutsPool } from './testing.ts';
import { whereaboutsPoolView } from './whereabouts/pool-view.ts';
import { whereaboutsReservationView } from './whereabouts/reservation-view.ts';

const POOL = whereaboutsPool('10.0.0.0-24');
const A = claimOf({ address: '10.0.0.1/24', pool: POOL, pod: 'default/a' });
const B = claimOf({ address: '10.0.0.2/24', pool: POOL, pod: 'default/b' });
const NAME = { namespace: 'kube-system', name: '10.0.0.0-24' };
const ENTRY_OF_A = { id: 'uid-of-a', podref: 'default/a', ifname: 'net1' };
const ENTRY_OF_B = { id: 'uid-of-b', podref: 'default/b', ifname: 'net1' };

test('keepView() shows claims that were there before and those that come, and takes them out when they go', async () => {
  await withViews(async ({ client, keep, take, release, eventually }) => {
    const allocations = async () => (await client.get(WHEREABOUTS_IP_POOLS, NAME)).spec.allocations;
    await take(A);
    keep(whereaboutsPoolView('kube-system'));
    await eventually(async () => assert.deepEqual(await allocations(), { 1: ENTRY_OF_A }));
    await take(B);
    await eventually(async () => assert.deepEqual(await allocations(), { 1: ENTRY_OF_A, 2: ENTRY_OF_B }));
    await release(A);
    await eventually(async () => assert.deepEqual(await allocations(), { 2: ENTRY_OF_B }));
    await release(B);
    await eventually(() =>
      assert.rejects(client.get(WHEREABOUTS_IP_POOLS, NAME), error => isApiError(error, 'NotFound')),
    );
  });
});

test('keepView() puts right what somebody edits or deletes, and removes what was left over while it was away', async () => {
  await withViews(async ({ client, keep, take, release, eventually }) => {
    const get = () => client.get(WHEREABOUTS_IP_POOLS, NAME);
    const end = keep(whereaboutsPoolView('kube-system'));
    await take(A);
    await eventually(async () => assert.deepEqual((await get()).spec.allocations, { 1: ENTRY_OF_A }));
    const lies = { 1: { id: 'x', podref: 'default/x' }, 7: { id: 'y', podref: 'default/y' } };
    await client.mergePatch(WHEREABOUTS_IP_POOLS, NAME, { spec: { allocations: lies } });
    await eventually(async () => assert.deepEqual((await get()).spec.allocations, { 1: ENTRY_OF_A }));
    await client.delete(WHEREABOUTS_IP_POOLS, NAME);
    await eventually(async () => assert.deepEqual((await get()).spec.allocations, { 1: ENTRY_OF_A }));
    await end();
    await release(A);
    keep(whereaboutsPoolView('kube-system'));
    await eventually(() => assert.rejects(get(), error => isApiError(error, 'NotFound')));
  });
});

test('keepView() leaves the objects of another allocator as they are', async () => {
  await withViews(async scene => {
    const { client, keep, take, eventually } = scene;
    const spec = { range: '10.0.0.0/24', allocations: { 9: { id: 'c9', podref: 'default/theirs' } } };
    const theirs = await client.create(WHEREABOUTS_IP_POOLS, { metadata: NAME, spec });
    await take(A);
    const other = claimOf({ address: '10.0.1.1/24', pool: whereaboutsPool('10.0.1.0-24'), pod: 'default/c' });
    await take(other);
    keep(whereaboutsPoolView('kube-system'));
    await eventually(async () => void (await client.get(WHEREABOUTS_IP_POOLS, { ...NAME, name: '10.0.1.0-24' })));
    assert.deepEqual(await client.get(WHEREABOUTS_IP_POOLS, NAME), theirs);
    // Taken over: the label is what says so.
    await client.mergePatch(WHEREABOUTS_IP_POOLS, NAME, { metadata: { labels: VIEW_LABELS } });
    await eventually(async () =>
      assert.deepEqual((await client.get(WHEREABOUTS_IP_POOLS, NAME)).spec.allocations, { 1: ENTRY_OF_A }),
    );
  });
});

test('keepView() writes nothing when nothing has changed, and one object at most once a second', async () => {
  await withViews(async scene => {
    const { client, keep, take, eventually } = scene;
    for (let index = 1; index <= 5; index++)
      await take(claimOf({ address: `10.0.0.${index}/24`, pool: POOL, pod: `default/p${index}` }));
    const size = async () => Object.keys((await client.get(WHEREABOUTS_IP_POOLS, NAME)).spec.allocations).length;
    const end = keep(whereaboutsPoolView('kube-system'));
    await eventually(async () => assert.equal(await size(), 5));
    assert.equal(scene.writes, 1);
    // All of these come within the second's pause.
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        take(claimOf({ address: `10.0.0.${100 + index}/24`, pool: POOL, pod: `default/q${index}` })),
      ),
    );
    await eventually(async () => assert.equal(await size(), 45));
    const writes = scene.writes;
    assert.ok(writes <= 3, `${writes} writes`);
    await end();
    keep(whereaboutsPoolView('kube-system'));
    await take(claimOf({ address: '10.0.1.1/24', pool: whereaboutsPool('10.0.1.0-24') }));
    await eventually(async () => assert.equal(scene.writes, writes + 1));
  });
});

/** As a cluster has it that was set up for an older Whereabouts: containerid is asked for, ifname is unknown. */
function olderDefinitions() {
  const text = { type: 'string' };
  const allocation = { type: 'object', required: ['id'], properties: { id: text, podref: text } };
  const specs = new Map<string, object>([
    [
      'ippools',
      {
        required: ['allocations', 'range'],
        properties: { range: text, allocations: { type: 'object', additionalProperties: allocation } },
      },
    ],
    ['overlappingrangeipreservations', { required: ['containerid'], properties: { containerid: text, podref: text } }],
  ]);
  return listCrds().map(crd => {
    const spec = specs.get(crd.spec.names.plural);
    const [version] = crd.spec.versions;
    if (spec === undefined || version === undefined) return crd;
    const properties = {
      apiVersion: text,
      kind: text,
      metadata: { type: 'object' },
      spec: { type: 'object', ...spec },
    };
    const schema = { openAPIV3Schema: { type: 'object', properties } };
    return { ...crd, spec: { ...crd.spec, versions: [{ ...version, schema }] } };
  });
}

test('keepView() gets on with older definitions: valid for them, and no write again for the field that they drop', async () => {
  await withViews(async scene => {
    const { client, keep, take, eventually } = scene;
    keep(whereaboutsPoolView('kube-system'));
    keep(whereaboutsReservationView('kube-system'));
    await take(A);
    await eventually(async () => {
      const { spec } = await client.get(WHEREABOUTS_IP_POOLS, NAME);
      assert.deepEqual(spec.allocations, { 1: { id: 'uid-of-a', podref: 'default/a' } });
      const reservation = await client.get(OVERLAPPING_RANGE_IP_RESERVATIONS, { ...NAME, name: '10.0.0.1' });
      assert.deepEqual(reservation.spec, { containerid: 'uid-of-a', podref: 'default/a' });
      // Each was created, and patched once more in vain.
      assert.equal(scene.writes, 4);
    });
    await systemClock.sleep(2_500);
    assert.equal(scene.writes, 4);
  }, olderDefinitions());
});

test('keepView() waits for a kind that the cluster does not have, and for a namespace, without asking again and again', async () => {
  await withViews(
    async scene => {
      scene.keep(whereaboutsReservationView('kube-system'));
      for (const index of [1, 2, 3]) await scene.take(claimOf({ address: `10.0.0.${index}/24`, pool: POOL }));
      await scene.eventually(async () => assert.equal(scene.writes, 1));
      await systemClock.sleep(4_000);
      // After 1 s, and after 2 s more.
      assert.ok(scene.writes <= 3, `${scene.writes} writes`);
    },
    listCrds().filter(({ spec }) => spec.group !== 'whereabouts.cni.cncf.io'),
  );
});

test('keepView() tries a few objects and not all of them while every write is refused', async () => {
  await withViews(async scene => {
    const { keep, take, eventually, client } = scene;
    for (let index = 1; index <= 40; index++) {
      await take(claimOf({ address: `10.0.0.${index}/24`, pool: POOL, pod: `default/p${index}` }));
    }
    let isRefused = true;
    keep(whereaboutsReservationView('kube-system'), ({ verb }) =>
      isRefused && verb === 'create' ? 'fail-before' : 'pass',
    );
    await eventually(async () => assert.ok(scene.writes >= 5));
    await systemClock.sleep(3_000);
    // Five, and after 1 s and 2 s more one or two each.
    assert.ok(scene.writes <= 16, `${scene.writes} writes`);
    isRefused = false;
    await eventually(async () => {
      const { items } = await client.list(OVERLAPPING_RANGE_IP_RESERVATIONS, { namespace: 'kube-system' });
      assert.equal(items.length, 40);
    });
  });
});

test('two who keep the same views, with calls that fail on either side, and somebody who edits, end as the claims are', async () => {
  await withViews(async scene => {
    const { client, keep, take, release, eventually } = scene;
    const { draw, seed } = createDice();
    const faulty = (): Hook => {
      let faults = 12;
      return () => {
        if (faults === 0 || draw(3) > 0) return 'pass';
        faults--;
        return draw(2) === 0 ? 'fail-before' : 'fail-after';
      };
    };
    for (let keeper = 0; keeper < 2; keeper++) {
      keep(whereaboutsPoolView('kube-system'), faulty());
      keep(whereaboutsReservationView('kube-system'), faulty());
    }
    const held = new Map<string, IPAllocation>();
    for (let step = 0; step < 120; step++) {
      const address = `10.0.${draw(3)}.${1 + draw(6)}/24`;
      const pool = whereaboutsPool(address.replace(/\d+\/24$/, '0-24'));
      const known = held.get(address);
      if (known !== undefined) {
        await release(known);
        held.delete(address);
      } else {
        const claim = claimOf({ address, pool, pod: `default/p${step}` });
        await take(claim);
        held.set(address, claim);
      }
      if (draw(10) === 0) {
        const lie = { spec: { allocations: { 77: { id: 'x', podref: 'y/z' } } } };
        const edited = client.mergePatch(WHEREABOUTS_IP_POOLS, { ...NAME, name: pool.name }, lie);
        await edited.catch(error => assert.ok(isApiError(error, 'NotFound')));
      }
      if (draw(4) === 0) await systemClock.sleep(draw(60));
    }
    const seen = async (): Promise<readonly string[]> => {
      const pools = await client.list(WHEREABOUTS_IP_POOLS);
      const reservations = await client.list(OVERLAPPING_RANGE_IP_RESERVATIONS);
      return [
        ...pools.items.flatMap(({ metadata, spec }) =>
          Object.entries(spec.allocations).map(([offset, { podref }]) => `${metadata.name} ${offset} ${podref}`),
        ),
        ...reservations.items.map(({ metadata, spec }) => `${metadata.name} ${spec.podref}`),
      ].sort();
    };
    const expected = [...held].flatMap(([address, { spec }]) => {
      const [, network, offset] = /^(\d+\.\d+\.\d+)\.(\d+)/.exec(address) ?? [];
      const podref = `default/${spec.owner.podName}`;
      return [`${network}.0-24 ${offset} ${podref}`, `${network}.${offset} ${podref}`];
    });
    await eventually(async () => assert.deepEqual(await seen(), expected.sort(), `seed ${seed}`));
    await systemClock.sleep(1_500);
    const { writes } = scene;
    await systemClock.sleep(2_500);
    assert.equal(scene.writes, writes, 'they do not write against each other');
  });
});

/** Throws that can be thrown again: from UNDERLANE_SEED where it is set. */
function createDice(): { readonly draw: (sides: number) => number; readonly seed: number } {
  const seed = Number(process.env['UNDERLANE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  let state = seed;
  return {
    seed,
    draw(sides) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state >> 8) % sides;
    },
  };
}
