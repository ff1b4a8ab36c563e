import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planEvictions, taintsOf } from './node-lifecycle.ts';
import { namesOf, node, ready, terminating } from './test-objects.ts';

const pod = (name: string, on: string) => ready({ metadata: { name }, spec: {} }, on);

test('taintsOf() says what the condition says, and leaves all others', () => {
  const own = { key: 'mine', effect: 'NoSchedule' };
  const keys = (status: 'True' | 'False' | 'Unknown', taints = [own]): string[] =>
    taintsOf(node('n1', { taints }, status), 'now').map(({ key, effect }) => `${key}:${effect}`);
  const stays = 'mine:NoSchedule';
  const notReady = ['NoSchedule', 'NoExecute'].map(effect => `node.kubernetes.io/not-ready:${effect}`);
  assert.deepEqual(keys('True'), [stays]);
  assert.deepEqual(keys('False'), [stays, ...notReady]);
  assert.match(keys('Unknown')[1] ?? '', /unreachable/);
  const before = taintsOf(node('n1', {}, 'False'), 'before');
  assert.deepEqual(taintsOf(node('n1', { taints: before }, 'False'), 'now'), before);
  assert.deepEqual(taintsOf(node('n1', { taints: before }), 'now'), []);
});

test('planEvictions() moves away what a node repels, but not for being not ready alone', () => {
  const repelling = node('n1', { taints: [{ key: 'k', effect: 'NoExecute' }] });
  const down = node('n2', { taints: taintsOf(node('n2', {}, 'False'), 'now') }, 'False');
  const tolerant = pod('t', 'n1');
  const pods = [
    pod('a', 'n1'),
    pod('b', 'n2'),
    { ...tolerant, spec: { ...tolerant.spec, tolerations: [{ operator: 'Exists' }] } },
  ];
  assert.deepEqual(namesOf(planEvictions([repelling, down], pods).evict), ['a']);
});

test('planEvictions() lets pods go whose node is out of service or gone, without its word', () => {
  const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }];
  const out = node('n1', { taints }, 'Unknown');
  const { evict, release } = planEvictions([out], [pod('a', 'n1'), terminating(pod('b', 'n1')), pod('c', 'gone')]);
  assert.deepEqual([namesOf(evict), namesOf(release)], [['a'], ['b', 'c']]);
  const up = node('n1', { taints });
  assert.deepEqual(planEvictions([up], [terminating(pod('b', 'n1'))]).release, []);
});
