import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, SandboxPod } from '../resources.ts';
import { planDeployment, podOf } from './deployments.ts';

function deployment(replicas: number, image = 'one'): Deployment {
  return {
    metadata: { name: 'web', namespace: 'default', uid: 'u' },
    spec: {
      replicas,
      selector: {},
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } },
    },
  };
}

const ready: SandboxPod['status'] = { conditions: [{ type: 'Ready', status: 'True' }] };

test('planDeployment() creates what is missing and removes what is too much', () => {
  const pods = [podOf(deployment(3)), podOf(deployment(3))];
  assert.equal(planDeployment(deployment(3), pods).create, 1);
  assert.deepEqual(planDeployment(deployment(1), pods).remove, [pods[1]]);
});

test('planDeployment() replaces pods of another template', () => {
  const old = podOf(deployment(1, 'old'));
  const plan = planDeployment(deployment(1, 'new'), [old]);
  assert.deepEqual([plan.create, plan.remove], [1, [old]]);
});

test('planDeployment() counts neither terminating nor foreign pods', () => {
  const own = podOf(deployment(1));
  const terminating = { ...own, metadata: { ...own.metadata, deletionTimestamp: 'now' } };
  const foreign = { ...own, metadata: { ...own.metadata, ownerReferences: [] } };
  assert.equal(planDeployment(deployment(1), [terminating, foreign]).create, 1);
});

test('planDeployment() tells how many are ready', () => {
  const pods = [{ ...podOf(deployment(2)), status: ready }, podOf(deployment(2))];
  const { status } = planDeployment(deployment(2), pods);
  assert.deepEqual([status['replicas'], status['readyReplicas'], status['unavailableReplicas']], [2, 1, 1]);
});
