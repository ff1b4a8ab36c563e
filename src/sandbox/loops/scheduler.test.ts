import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, SandboxPod } from '../resources.ts';
import { chooseNode } from './scheduler.ts';

function node(name: string, status: 'True' | 'False' = 'True'): Node {
  return { metadata: { name, labels: { host: name } }, status: { conditions: [{ type: 'Ready', status }] } };
}

function pod(owner: string | undefined, spec: SandboxPod['spec'] = {}): SandboxPod {
  const ownerReferences =
    owner === undefined
      ? []
      : [{ apiVersion: 'apps/v1', kind: 'Deployment', name: owner, uid: owner, controller: true }];
  return { metadata: { name: 'p', ownerReferences }, spec };
}

test('chooseNode() spreads pods of one owner before it evens out the nodes', () => {
  const placed = [pod('web', { nodeName: 'a' }), pod(undefined, { nodeName: 'b' }), pod(undefined, { nodeName: 'b' })];
  assert.equal(chooseNode(pod('web'), [node('a'), node('b')], placed), 'b');
  assert.equal(chooseNode(pod('other'), [node('a'), node('b')], placed), 'a');
});

test('chooseNode() keeps to the node selector and to Ready nodes', () => {
  assert.equal(chooseNode(pod('web', { nodeSelector: { host: 'b' } }), [node('a'), node('b')], []), 'b');
  assert.equal(chooseNode(pod('web'), [node('a', 'False'), node('b')], []), 'b');
  assert.equal(chooseNode(pod('web', { nodeSelector: { host: 'c' } }), [node('a'), node('b')], []), undefined);
});
