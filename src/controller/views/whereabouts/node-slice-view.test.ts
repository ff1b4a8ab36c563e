import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeSlicePool } from '#api';
import { VIEW_LABELS } from '../ours.ts';
import { claimOf, whereaboutsPool } from '../testing.ts';
import type { ViewChange } from '../view.ts';
import { compareNodeSlices, nodeSliceView } from './node-slice-view.ts';

const VIEW = nodeSliceView('kube-system');
const NAME = { namespace: 'kube-system', name: 'f' };

function sliceClaim(third: number, last: number, node: string) {
  const pool = whereaboutsPool(`f-${node}-10.9.${third}.0-24`);
  return claimOf({ address: `10.9.${third}.${last}/16`, pool, scope: 'f', node, pod: `default/p${third}-${last}` });
}

function created(change: ViewChange<NodeSlicePool>): NodeSlicePool {
  if (change.kind !== 'create') throw new TypeError(change.kind);
  return change.object;
}

test('compareNodeSlices() lists the slices that are used, with the node whose pods use them', () => {
  const claims = [sliceClaim(1, 1, 'n1'), sliceClaim(1, 2, 'n1'), sliceClaim(3, 1, 'n2')];
  const object = created(compareNodeSlices({ name: NAME, claims, object: undefined }));
  assert.deepEqual(object.metadata, { ...NAME, labels: VIEW_LABELS });
  assert.deepEqual(object.spec, { range: '10.9.0.0/16', sliceSize: '/24' });
  assert.deepEqual(object.status?.allocations, [
    { nodeName: 'n1', sliceRange: '10.9.1.0/24' },
    { nodeName: 'n2', sliceRange: '10.9.3.0/24' },
  ]);
  assert.deepEqual(compareNodeSlices({ name: NAME, claims, object }), { kind: 'none' });
  const fewer = compareNodeSlices({ name: NAME, claims: claims.slice(0, 2), object });
  assert.equal(fewer.kind, 'patch');
  assert.deepEqual(compareNodeSlices({ name: NAME, claims: [], object }), { kind: 'delete' });
  const foreign = { ...object, metadata: NAME };
  assert.deepEqual(compareNodeSlices({ name: NAME, claims, object: foreign }), { kind: 'foreign' });
});

test('compareNodeSlices() gives a slice to the node that has most of it', () => {
  const pool = whereaboutsPool('n1-fd00-9-0-0-2---80');
  const claims = ['n1', 'n2', 'n2'].map((node, index) =>
    claimOf({ address: `fd00:9::2:0:0:${index + 1}/64`, pool, node }),
  );
  const [claim] = claims;
  assert.ok(claim);
  assert.deepEqual(VIEW.namesOf(claim), [{ namespace: 'kube-system', name: 'lan' }]);
  const object = created(compareNodeSlices({ name: { ...NAME, name: 'lan' }, claims, object: undefined }));
  assert.deepEqual(object.spec, { range: 'fd00:9::/64', sliceSize: '/80' });
  assert.deepEqual(object.status, { allocations: [{ nodeName: 'n2', sliceRange: 'fd00:9:0:0:2::/80' }] });
});

test('nodeSliceView() is about sliced ranges alone, and keeps the ranges of a network apart', () => {
  assert.deepEqual(VIEW.namesOf(claimOf({ address: '10.0.0.1/24', pool: whereaboutsPool('10.0.0.0-24') })), []);
  const claim = sliceClaim(1, 1, 'n1');
  assert.deepEqual(VIEW.namesOf(claim), [NAME]);
  const second = { ...claim, spec: { ...claim.spec, owner: { ...claim.spec.owner, slot: 1 } } };
  assert.deepEqual(VIEW.namesOf(second), [{ ...NAME, name: 'f-1' }]);
});
