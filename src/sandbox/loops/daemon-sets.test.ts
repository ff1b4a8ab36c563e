import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DaemonSet } from '../workloads.ts';
import { planDaemonSet, podOfDaemon } from './daemon-sets.ts';
import { nodeNameOf } from './placement.ts';
import { inPhase, namesOf, node, ready, stored, template, terminating } from './test-objects.ts';

const set: DaemonSet = stored({ metadata: { name: 'd', namespace: 'default' }, spec: { template: template() } });
const changed: DaemonSet = { ...set, spec: { template: template('two') } };
const nodes = [node('n1'), node('n2')];
const podOn = (name: string, of = set) => ready(stored(podOfDaemon(of, name)), name);

test('planDaemonSet() gives each node a pod, but those that repel it or that it does not select', () => {
  assert.deepEqual(planDaemonSet(set, nodes, []).create, ['n1', 'n2']);
  assert.deepEqual(planDaemonSet(set, nodes, [podOn('n1')]).create, ['n2']);
  const tainted = node('n2', { taints: [{ key: 'k', effect: 'NoSchedule' }] });
  assert.deepEqual(planDaemonSet(set, [node('n1'), tainted], []).create, ['n1']);
  const choosy = { ...set, spec: { template: { spec: { nodeSelector: { host: 'n2' } } } } };
  assert.deepEqual(planDaemonSet(choosy, nodes, []).create, ['n2']);
});

test('planDaemonSet() stays on nodes that are cordoned or not ready', () => {
  const taints = [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }];
  assert.deepEqual(planDaemonSet(set, [node('n1', { unschedulable: true }), node('n2', { taints })], []).create, [
    'n1',
    'n2',
  ]);
});

test('planDaemonSet() waits for a pod to be gone, and replaces one that has ended', () => {
  assert.deepEqual(planDaemonSet(set, nodes.slice(0, 1), [terminating(podOn('n1'))]).create, []);
  const ended = inPhase(podOn('n1'), 'Failed');
  assert.deepEqual(namesOf(planDaemonSet(set, nodes.slice(0, 1), [ended]).remove), namesOf([ended]));
});

test('planDaemonSet() brings a new template to one node after the other', () => {
  const pods = [podOn('n1'), podOn('n2')];
  const [first] = pods;
  assert.ok(first);
  assert.deepEqual(namesOf(planDaemonSet(changed, nodes, pods).remove), namesOf([first]));
  assert.deepEqual(planDaemonSet(changed, nodes, pods.slice(1)).remove, []);
});

test('podOfDaemon() is for its node before it is scheduled', () => {
  assert.equal(nodeNameOf(podOfDaemon(set, 'n2')), 'n2');
});
