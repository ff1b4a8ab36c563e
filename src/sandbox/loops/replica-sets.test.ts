import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplicaSet } from '../workloads.ts';
import { planReplicaSet, podOfSet } from './replica-sets.ts';
import { inPhase, namesOf, ready, stored, template, terminating } from './test-objects.ts';

const set: ReplicaSet = stored({
  metadata: { name: 'web-abc', namespace: 'default' },
  spec: { replicas: 2, selector: {}, template: template() },
});
const make = () => stored(podOfSet(set));

test('planReplicaSet() makes what is missing; pods on their way out, finished and foreign ones do not count', () => {
  const foreign = { ...make(), metadata: { ...make().metadata, ownerReferences: [] } };
  const pods = [make(), terminating(make()), inPhase(make(), 'Failed'), foreign];
  assert.equal(planReplicaSet(set, pods).create, 1);
});

test('planReplicaSet() takes pods that do nothing before those that do, and the youngest first', () => {
  const [old, waiting, young] = [ready(make()), make(), ready(make())];
  assert.deepEqual(namesOf(planReplicaSet(set, [waiting, young, old]).remove), namesOf([waiting]));
  const one = { ...set, spec: { ...set.spec, replicas: 1 } };
  assert.deepEqual(namesOf(planReplicaSet(one, [waiting, young, old]).remove), namesOf([young, waiting]));
});

test('podOfSet() names its set as controller, and leaves the rest of its name to the server', () => {
  const { metadata } = podOfSet(set);
  assert.equal(metadata.generateName, 'web-abc-');
  const [owner] = metadata.ownerReferences ?? [];
  assert.deepEqual(
    [owner?.kind, owner?.apiVersion, owner?.uid, owner?.controller],
    ['ReplicaSet', 'apps/v1', set.metadata.uid, true],
  );
});
