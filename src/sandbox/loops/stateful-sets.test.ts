import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxPod } from '../resources.ts';
import type { StatefulSet } from '../workloads.ts';
import { planStatefulSet, podOfOrdinal } from './stateful-sets.ts';
import { inPhase, namesOf, ready, stored, template, terminating } from './test-objects.ts';

const base = stored<StatefulSet>({
  metadata: { name: 'db', namespace: 'default' },
  spec: { replicas: 3, serviceName: 'db', template: template() },
});

function withSpec(spec: Partial<StatefulSet['spec']>): StatefulSet {
  return { ...base, spec: { ...base.spec, ...spec } };
}

function pod(ordinal: number, set = base): SandboxPod {
  return stored(podOfOrdinal(set, ordinal));
}

test('planStatefulSet() makes the next pod when all before it are ready', () => {
  assert.deepEqual(planStatefulSet(base, []).create, [0]);
  assert.deepEqual(planStatefulSet(base, [pod(0)]).create, []);
  assert.deepEqual(planStatefulSet(base, [ready(pod(0))]).create, [1]);
  assert.deepEqual(planStatefulSet(base, [ready(pod(0)), terminating(ready(pod(1)))]).create, []);
});

test('planStatefulSet() of parallel pods makes and removes all at once', () => {
  const parallel = withSpec({ podManagementPolicy: 'Parallel' });
  assert.deepEqual(planStatefulSet(parallel, [pod(1)]).create, [0, 2]);
  const pods = [0, 1, 2, 3].map(ordinal => pod(ordinal));
  const { remove } = planStatefulSet(withSpec({ podManagementPolicy: 'Parallel', replicas: 1 }), pods);
  assert.deepEqual(namesOf(remove), ['db-3', 'db-2', 'db-1']);
});

test('planStatefulSet() numbers from its first ordinal', () => {
  const shifted = withSpec({ ordinals: { start: 5 } });
  assert.deepEqual(planStatefulSet(shifted, [ready(pod(5))]).create, [6]);
  assert.deepEqual(
    namesOf(
      planStatefulSet(
        shifted,
        [5, 6, 7, 4].map(n => ready(pod(n))),
      ).remove,
    ),
    ['db-4'],
  );
});

test('planStatefulSet() goes down from the last, one by one, each when the one before has gone', () => {
  const one = withSpec({ replicas: 1 });
  const pods = [0, 1, 2].map(ordinal => ready(pod(ordinal)));
  assert.deepEqual(namesOf(planStatefulSet(one, pods).remove), ['db-2']);
  const leaving = [...pods.slice(0, 2), terminating(ready(pod(2)))];
  assert.deepEqual(planStatefulSet(one, leaving).remove, []);
});

test('planStatefulSet() replaces a pod that has finished', () => {
  const { create, remove } = planStatefulSet(base, [inPhase(pod(0), 'Failed')]);
  assert.deepEqual([create, namesOf(remove)], [[], ['db-0']]);
});

test('planStatefulSet() brings a new template from the last to the first, down to its partition', () => {
  const changed = withSpec({ template: template('two') });
  const pods = [0, 1, 2].map(ordinal => ready(pod(ordinal)));
  assert.deepEqual(namesOf(planStatefulSet(changed, pods).remove), ['db-2']);
  const updated = [...pods.slice(0, 2), pod(2, changed)];
  assert.deepEqual(planStatefulSet(changed, updated).remove, [], 'not before the new one is ready');
  const third = [...pods.slice(0, 2), ready(pod(2, changed))];
  assert.deepEqual(namesOf(planStatefulSet(changed, third).remove), ['db-1']);
  const halted = { ...changed, spec: { ...changed.spec, updateStrategy: { rollingUpdate: { partition: 2 } } } };
  assert.deepEqual(planStatefulSet(halted, third).remove, []);
  const byHand = { ...changed, spec: { ...changed.spec, updateStrategy: { type: 'OnDelete' } } };
  assert.deepEqual(planStatefulSet(byHand, pods).remove, []);
});

test('podOfOrdinal() has its name, its number and its host name', () => {
  const { metadata, spec } = podOfOrdinal(base, 7);
  assert.deepEqual(
    [metadata.name, metadata.labels?.['apps.kubernetes.io/pod-index'], spec['hostname'], spec['subdomain']],
    ['db-7', '7', 'db-7', 'db'],
  );
  assert.equal(metadata.ownerReferences?.[0]?.kind, 'StatefulSet');
});
