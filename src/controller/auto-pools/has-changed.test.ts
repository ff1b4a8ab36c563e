import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpiderIPPool } from '#api';
import { hasChanged } from './has-changed.ts';

const POOL: SpiderIPPool = {
  metadata: { name: 'a', uid: 'u', resourceVersion: '1', labels: { x: 'y' } },
  spec: { subnet: '10.0.0.0/8' },
};

test('hasChanged() passes over counters, and sees what an object is to be', () => {
  const change = (object: SpiderIPPool): boolean =>
    hasChanged({ type: 'put', object, previous: POOL }, ({ spec }) => spec);
  assert.equal(
    change({ ...POOL, metadata: { ...POOL.metadata, resourceVersion: '2' }, status: { totalIPCount: 1 } }),
    false,
  );
  assert.equal(change({ ...POOL, spec: { ...POOL.spec, disable: true } }), true);
  assert.equal(change({ ...POOL, metadata: { ...POOL.metadata, labels: {} } }), true);
  assert.equal(change({ ...POOL, metadata: { ...POOL.metadata, deletionTimestamp: 'now' } }), true);
  assert.equal(
    hasChanged({ type: 'put', object: POOL }, () => ({})),
    true,
  );
  assert.equal(
    hasChanged({ type: 'deleted', object: POOL }, () => ({})),
    true,
  );
  assert.equal(
    hasChanged({ type: 'relisted' }, () => ({})),
    true,
  );
});
