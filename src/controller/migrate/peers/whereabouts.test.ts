import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  NODE_SLICE_POOLS,
  OVERLAPPING_RANGE_IP_RESERVATIONS,
  WHEREABOUTS_IP_POOLS,
  type WhereaboutsIPPool,
} from '#api';
import { formatIp } from '#ip';
import { formatMigration } from '../format-migration.ts';
import { createNetwork, createPod, go, held, outcomes, shown, withNode } from '../testing.ts';
import { POOL, RESERVATION, whereaboutsCluster } from './testing-whereabouts.ts';
import { ipOfReservation, readPool, WHEREABOUTS } from './whereabouts.ts';

function poolOf(range: string, allocations: WhereaboutsIPPool['spec']['allocations']): WhereaboutsIPPool {
  return { metadata: { name: 'p', namespace: 'kube-system' }, spec: { range, allocations } };
}

test('readPool() of Whereabouts counts offsets from the network address, of both families', () => {
  const holder = { id: 'c', podref: 'default/a', ifname: 'net1' };
  const four = readPool(poolOf('192.168.2.225/28', { '1': holder, '15': { id: 'x', podref: '' } }));
  assert.deepEqual(shown(four.records), ['192.168.2.225 default/a net1', '192.168.2.239 - -']);
  const six = readPool(poolOf('fd00::/64', { '18446744073709551615': holder }));
  assert.deepEqual(shown(six.records), ['fd00::ffff:ffff:ffff:ffff default/a net1']);
});

test('readPool() of Whereabouts says what it cannot read', () => {
  for (const [pool, message] of [
    [poolOf('somewhere', {}), /^IPPool kube-system\/p: spec\.range is "somewhere", expected a prefix$/],
    [poolOf('10.0.0.0/28', { '16': { id: 'c' } }), /spec\.allocations holds "16", expected offsets below 16$/],
    [poolOf('10.0.0.0/28', { '-1': { id: 'c' } }), /spec\.allocations holds "-1"/],
  ] as const) {
    assert.match(readPool(pool).problem ?? '', message);
  }
});

test('ipOfReservation() finds the address behind the name of a network', () => {
  for (const [name, expected] of [
    ['10.0.0.5', '10.0.0.5'],
    ['blue-10.0.0.5', '10.0.0.5'],
    ['dark-blue-10.0.0.5', '10.0.0.5'],
    ['fd00--5', 'fd00::5'],
    ['blue-fd00--5', 'fd00::5'],
    ['fd00-1-2--0', 'fd00:1:2::'],
    ['nothing', undefined],
  ] as const) {
    const ip = ipOfReservation(name);
    assert.equal(ip === undefined ? undefined : formatIp(ip), expected, name);
  }
});

test('migrate() imports what pods have of Whereabouts, says it before, and finds it done when repeated', async () => {
  await withNode(async scene => {
    const { client } = scene;
    await whereaboutsCluster(client);
    const before = await go(scene, WHEREABOUTS, { isDryRun: true });
    assert.deepEqual(outcomes(before), [
      '192.168.2.225 missing',
      '192.168.2.226 stale',
      '192.168.2.227 stale',
      '192.168.2.230 missing',
    ]);
    assert.deepEqual(await held(client), []);
    assert.match(
      formatMigration(before),
      /^ADDRESS +POD +INTERFACE +NODE +RECORD +OUTCOME\n192\.168\.2\.225 +default\/a +net1 +n1 +IPPool kube-system\/192\.168\.2\.224-28 +missing\n/,
    );
    assert.match(
      formatMigration(before),
      /\nwhereabouts: 2 missing, 2 stale\n2 objects would be taken over, 0 stay as they are\nNothing was written/,
    );
    const report = await go(scene, WHEREABOUTS);
    assert.deepEqual(outcomes(report).filter(text => text.endsWith('imported')).length, 2);
    const claims = [
      ['default-192.168.2.225', 'a', 'net1', 'n1', 'whereabouts'],
      ['default-192.168.2.230', 'again', 'net1', 'n1', 'whereabouts'],
    ];
    assert.deepEqual(await held(client), claims);
    const pool = await client.get(WHEREABOUTS_IP_POOLS, POOL);
    const reservation = await client.get(OVERLAPPING_RANGE_IP_RESERVATIONS, RESERVATION);
    for (const { metadata } of [pool, reservation]) assert.equal(metadata.labels?.['underlane.io/view'], 'claims');
    const again = await go(scene, WHEREABOUTS);
    assert.deepEqual([again.addresses, again.takenOver, again.left], [[], [], []]);
    assert.deepEqual(await held(client), claims);
  });
});

test("migrate() imports addresses of nodes' slices, of networks with a name, and those that only a reservation names", async () => {
  await withNode(async scene => {
    const { client } = scene;
    const named = { type: 'whereabouts', network_name: 'blue' };
    await createNetwork(client, 'sliced', { ...named, range: '10.9.0.0/16', node_slice_size: '/24' });
    await createNetwork(client, 'six', { ...named, range: 'fd00:9::/64' });
    await createPod(client, 'a', { networks: 'sliced,six' });
    const namespace = 'kube-system';
    await client.create(NODE_SLICE_POOLS, {
      metadata: { namespace, name: 'blue' },
      spec: { range: '10.9.0.0/16', sliceSize: '/24' },
      status: { allocations: [{ nodeName: 'n1', sliceRange: '10.9.7.0/24' }] },
    });
    await client.create(WHEREABOUTS_IP_POOLS, {
      metadata: { namespace, name: 'blue-n1-10.9.7.0-24' },
      spec: { range: '10.9.7.0/24', allocations: { '9': { id: 'c1', podref: 'default/a', ifname: 'net1' } } },
    });
    const podref = 'default/a';
    await client.create(OVERLAPPING_RANGE_IP_RESERVATIONS, {
      metadata: { namespace, name: 'blue-10.9.7.9' },
      spec: { podref, ifname: 'net1' },
    });
    await client.create(OVERLAPPING_RANGE_IP_RESERVATIONS, {
      metadata: { namespace, name: 'blue-fd00-9--5' },
      spec: { podref, ifname: 'net2' },
    });
    const report = await go(scene, WHEREABOUTS);
    assert.deepEqual(outcomes(report), ['10.9.7.9 imported', 'fd00:9::5 imported']);
    assert.deepEqual(
      (await held(client)).map(([name, , ifname]) => [name, ifname]),
      [
        ['blue-10.9.7.9', 'net1'],
        ['blue-fd00-0009-0000-0000-0000-0000-0000-0005', 'net2'],
      ],
    );
    assert.deepEqual(report.takenOver.map(text => text.split(' ')[0]).sort(), [
      'IPPool',
      'NodeSlicePool',
      'OverlappingRangeIPReservation',
      'OverlappingRangeIPReservation',
    ]);
  });
});
