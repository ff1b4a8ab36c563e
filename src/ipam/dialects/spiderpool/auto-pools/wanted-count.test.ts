import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podCountOf } from './wanted-count.ts';

test('podCountOf() knows how many pods a controller is to have', () => {
  const metadata = { name: 'x' };
  assert.equal(podCountOf('Deployment', { metadata, spec: {} }), 1);
  assert.equal(podCountOf('StatefulSet', { metadata, spec: { replicas: 0 } }), 0);
  assert.equal(podCountOf('DaemonSet', { metadata, spec: {}, status: { desiredNumberScheduled: 7 } }), 7);
  assert.equal(podCountOf('Job', { metadata, spec: { completions: 5, parallelism: 2 } }), 5);
  assert.equal(podCountOf('Job', { metadata, spec: { parallelism: 0 } }), 1);
  assert.equal(podCountOf('CronJob', { metadata, spec: { jobTemplate: { spec: { parallelism: 3 } } } }), 3);
  assert.equal(podCountOf('CloneSet', { metadata, spec: { replicas: 3 } }), undefined);
});
