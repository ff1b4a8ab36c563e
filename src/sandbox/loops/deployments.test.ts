import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxPod } from '../resources.ts';
import type { Deployment, ReplicaSet } from '../workloads.ts';
import { planDeployment, setOf } from './deployments.ts';
import { podOfSet } from './replica-sets.ts';
import { namesOf, ready, stored, template, terminating } from './test-objects.ts';

const base = stored<Deployment>({
  metadata: { name: 'test-app', namespace: 'default' },
  spec: { replicas: 4, selector: { matchLabels: { app: 'web' } }, template: template('one') },
});
const changed: Deployment = { ...base, spec: { ...base.spec, template: template('two') } };

function setWith(deployment: Deployment, replicas: number, running = replicas): [ReplicaSet, SandboxPod[]] {
  const set = stored(setOf(deployment, replicas));
  return [set, Array.from({ length: running }, () => ready(stored(podOfSet(set))))];
}

/** The sizes that a plan leaves. */
function sizes(plan: ReturnType<typeof planDeployment>, sets: readonly ReplicaSet[]): number[] {
  return sets.map(set => plan.scale.find(item => item.set === set)?.replicas ?? set.spec.replicas ?? 0);
}

test('planDeployment() makes a set named after its template, whose pods carry the hash', () => {
  const set = planDeployment(base, [], []).create;
  assert.match(set?.metadata.name ?? '', /^test-app-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  const hash = set?.metadata.name.slice('test-app-'.length);
  assert.equal(set?.spec.template.metadata?.labels?.['pod-template-hash'], hash);
  assert.deepEqual(set?.spec.selector?.matchLabels, { app: 'web', 'pod-template-hash': hash });
  assert.equal(set?.spec.replicas, 4);
  assert.equal(set?.metadata.ownerReferences?.[0]?.uid, base.metadata.uid);
});

test('planDeployment() only scales the set of a template that it knows', () => {
  const [set, pods] = setWith(base, 4);
  const plan = planDeployment({ ...base, spec: { ...base.spec, replicas: 6 } }, [set], pods);
  assert.equal(plan.create, undefined);
  const more = planDeployment({ ...base, spec: { ...base.spec, replicas: 1 } }, [set], pods);
  assert.deepEqual([sizes(plan, [set]), sizes(more, [set])], [[6], [1]]);
});

test('planDeployment() goes over to a new template with as many more and as many less as it may', () => {
  const [old, pods] = setWith(base, 4);
  const first = planDeployment(changed, [old], pods);
  assert.deepEqual([first.create?.spec.replicas, sizes(first, [old])], [1, [3]]);
  const [fresh] = setWith(changed, 1, 0);
  // Nothing more goes before the new one is ready.
  const shrunk = { ...old, spec: { ...old.spec, replicas: 3 } };
  assert.deepEqual(sizes(planDeployment(changed, [shrunk, fresh], pods.slice(1)), [shrunk, fresh]), [3, 2]);
});

test('planDeployment() that recreates waits until the last old pod is gone', () => {
  const recreate = (deployment: Deployment): Deployment => ({
    ...deployment,
    spec: { ...deployment.spec, strategy: { type: 'Recreate' } },
  });
  const [old, pods] = setWith(recreate(base), 4);
  const [fresh] = setWith(recreate(changed), 0);
  const during = planDeployment(recreate(changed), [old, fresh], pods.map(terminating));
  assert.deepEqual(sizes(during, [old, fresh]), [0, 0]);
  assert.deepEqual(sizes(planDeployment(recreate(changed), [old, fresh], []), [old, fresh]), [0, 4]);
});

test('planDeployment() forgets the oldest empty sets beyond its limit', () => {
  const past = ['a', 'b', 'c'].map(image => {
    const deployment = { ...base, spec: { ...base.spec, template: template(image) } };
    return setWith(deployment, 0)[0];
  });
  const [set, pods] = setWith(base, 4);
  const limited = { ...base, spec: { ...base.spec, revisionHistoryLimit: 1 } };
  assert.deepEqual(
    namesOf(planDeployment(limited, [set, ...past], pods).remove),
    namesOf([past[1], past[0]].filter(item => item !== undefined)),
  );
});

test('planDeployment() tells how many are ready', () => {
  const [set, pods] = setWith(base, 4, 3);
  const { status } = planDeployment(base, [set], pods);
  assert.deepEqual([status['replicas'], status['readyReplicas'], status['unavailableReplicas']], [3, 3, 1]);
});
