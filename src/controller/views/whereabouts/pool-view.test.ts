import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WhereaboutsIPPool } from '#api';
import { VIEW_LABELS } from '../ours.ts';
import { claimOf, whereaboutsPool } from '../testing.ts';
import type { ViewChange } from '../view.ts';
import { placeOf } from './pool-place.ts';
import { comparePool } from './pool-view.ts';
import { compareReservation } from './reservation-view.ts';

/** Pool name, address with prefix length, what is seen there. */
const PLACES = [
  ['192.168.2.224-28', '192.168.2.225/28', '192.168.2.224/28', '1', '192.168.2.225'],
  ['10.0.0.0-16', '10.0.1.4/16', '10.0.0.0/16', '260', '10.0.1.4'],
  ['fd00-1---64', 'fd00:1::1/64', 'fd00:1::/64', '1', 'fd00-1--1'],
  ['fd00---64', 'fd00::8000:0:0:0/64', 'fd00::/64', '9223372036854775808', 'fd00--8000-0-0-0'],
  ['fd00---64', 'fd00::1:0:0/64', 'fd00::/64', '4294967296', 'fd00--1-0-0'],
  ['fd00---127', 'fd00::/127', 'fd00::/127', '0', 'fd00--0'],
] as const;

test('placeOf() gives the names and offsets that Whereabouts gives', () => {
  for (const [pool, address, range, offset, reservation] of PLACES) {
    assert.deepEqual(placeOf(claimOf({ address, pool: whereaboutsPool(pool) })), {
      ...{ pool, range, offset, reservation },
      networkName: '',
      whole: pool,
    });
  }
});

test('placeOf() puts network_name before both names', () => {
  const claim = claimOf({ address: '10.0.0.1/24', pool: whereaboutsPool('blue-10.0.0.0-24'), scope: 'blue' });
  assert.deepEqual(placeOf(claim), {
    pool: 'blue-10.0.0.0-24',
    range: '10.0.0.0/24',
    offset: '1',
    networkName: 'blue',
    whole: 'blue-10.0.0.0-24',
    reservation: 'blue-10.0.0.1',
  });
});

test("placeOf() puts an annotation's scope before both names, since the same address may be held in another", () => {
  const claim = claimOf({ address: '10.0.0.1/24', pool: whereaboutsPool('10.0.0.0-24'), scope: 'lab' });
  assert.equal(placeOf(claim)?.pool, 'lab-10.0.0.0-24');
  assert.equal(placeOf(claim)?.reservation, 'lab-10.0.0.1');
});

test("placeOf() leaves the node of a node's slice out of the reservation's name", () => {
  const pool = whereaboutsPool('f-n1-10.9.1.0-24');
  assert.deepEqual(placeOf(claimOf({ address: '10.9.1.1/16', pool, scope: 'f', node: 'n1' })), {
    pool: 'f-n1-10.9.1.0-24',
    range: '10.9.1.0/24',
    offset: '1',
    networkName: 'f',
    whole: 'f-10.9.0.0-16',
    reservation: 'f-10.9.1.1',
  });
  const unnamed = claimOf({ address: '10.9.1.1/16', pool: whereaboutsPool('n1-10.9.1.0-24'), node: 'n1' });
  assert.equal(placeOf(unnamed)?.reservation, '10.9.1.1');
});

test('placeOf() knows no place for other pools, and for names that no object can have', () => {
  const address = '10.0.0.1/24';
  assert.equal(
    placeOf(claimOf({ address, pool: { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'p' } })),
    undefined,
  );
  assert.equal(placeOf(claimOf({ address, pool: whereaboutsPool('Blue Net-10.0.0.0-24') })), undefined);
  assert.equal(placeOf(claimOf({ address, pool: whereaboutsPool('10.0.1.0-24') })), undefined);
  assert.equal(placeOf(claimOf({ address, pool: whereaboutsPool('lan') })), undefined);
});

const NAME = { namespace: 'kube-system', name: '192.168.2.224-28' };
const POOL = whereaboutsPool(NAME.name);
const A = claimOf({ address: '192.168.2.225/28', pool: POOL, pod: 'default/a' });
const B = claimOf({ address: '192.168.2.226/28', pool: POOL, pod: 'shop/b', interface: 'net2' });

function created(change: ViewChange<WhereaboutsIPPool>): WhereaboutsIPPool {
  if (change.kind !== 'create') throw new TypeError(change.kind);
  return change.object;
}

test('comparePool() creates the object that Whereabouts would have', () => {
  assert.deepEqual(created(comparePool({ name: NAME, claims: [A], object: undefined })), {
    metadata: { ...NAME, labels: VIEW_LABELS },
    spec: {
      range: '192.168.2.224/28',
      allocations: { 1: { id: 'uid-of-a', podref: 'default/a', ifname: 'net1' } },
    },
  });
});

test('comparePool() patches only what differs', () => {
  const object = created(comparePool({ name: NAME, claims: [A], object: undefined }));
  assert.deepEqual(comparePool({ name: NAME, claims: [A], object }), { kind: 'none' });
  assert.deepEqual(comparePool({ name: NAME, claims: [B], object }), {
    kind: 'patch',
    body: {
      spec: {
        range: '192.168.2.224/28',
        allocations: { 1: null, 2: { id: 'uid-of-b', podref: 'shop/b', ifname: 'net2' } },
      },
    },
  });
});

test('comparePool() deletes what is empty, and leaves what Whereabouts made', () => {
  const object = created(comparePool({ name: NAME, claims: [A], object: undefined }));
  assert.deepEqual(comparePool({ name: NAME, claims: [], object }), { kind: 'delete' });
  assert.deepEqual(comparePool({ name: NAME, claims: [], object: undefined }), { kind: 'none' });
  const foreign = { ...object, metadata: NAME };
  assert.deepEqual(comparePool({ name: NAME, claims: [], object: foreign }), { kind: 'foreign' });
  assert.deepEqual(comparePool({ name: NAME, claims: [A, B], object: foreign }), { kind: 'foreign' });
});

test('comparePool() counts what would be too much for one object, and lists again when it is less', () => {
  const name = { namespace: 'kube-system', name: '10.0.0.0-16' };
  const many = Array.from({ length: 8000 }, (_, index) =>
    claimOf({
      address: `10.0.${index >> 8}.${index & 255}/16`,
      pool: whereaboutsPool(name.name),
      pod: `shop/pod-${index}`,
    }),
  );
  const object = created(comparePool({ name, claims: many, object: undefined }));
  assert.deepEqual(object.metadata.annotations, { 'underlane.io/allocated': '8000' });
  assert.deepEqual(object.spec.allocations, {});
  assert.deepEqual(comparePool({ name, claims: many, object }), { kind: 'none' });
  const fewer = comparePool({ name, claims: many.slice(1, 2), object });
  assert.deepEqual(fewer.kind === 'patch' && fewer.body, {
    metadata: { annotations: { 'underlane.io/allocated': null } },
    spec: {
      range: '10.0.0.0/16',
      allocations: { 1: { id: 'uid-of-pod-1', podref: 'shop/pod-1', ifname: 'net1' } },
    },
  });
});

test('compareReservation() creates, puts right and deletes, and leaves what Whereabouts made', () => {
  const name = { namespace: 'kube-system', name: '192.168.2.225' };
  const spec = { containerid: 'uid-of-a', podref: 'default/a', ifname: 'net1' };
  const object = { metadata: { ...name, labels: VIEW_LABELS }, spec };
  assert.deepEqual(compareReservation({ name, claims: [A], object: undefined }), { kind: 'create', object });
  assert.deepEqual(compareReservation({ name, claims: [A], object }), { kind: 'none' });
  const edited = { ...object, spec: { ...spec, podref: 'default/x' } };
  assert.deepEqual(compareReservation({ name, claims: [A], object: edited }), { kind: 'patch', body: { spec } });
  assert.deepEqual(compareReservation({ name, claims: [], object }), { kind: 'delete' });
  const foreign = { ...object, metadata: name };
  assert.deepEqual(compareReservation({ name, claims: [], object: foreign }), { kind: 'foreign' });
});

test('comparePool() shows an address in quarantine with the MAC of whoever has it', () => {
  const claim = claimOf({ address: '192.168.2.225/28', pool: POOL, quarantine: '02:00:00:00:00:07' });
  assert.deepEqual(created(comparePool({ name: NAME, claims: [claim], object: undefined })).spec.allocations, {
    1: { id: '02:00:00:00:00:07', podref: 'quarantine', ifname: 'net1' },
  });
});
