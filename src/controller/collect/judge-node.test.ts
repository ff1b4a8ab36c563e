import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '#api';
import { type FenceRules, judgeNode, type NodeFacts } from './judge-node.ts';

const SAFE: FenceRules = { fenceMs: 300_000, reclaimsNotReady: false };
const UNSAFE: FenceRules = { ...SAFE, reclaimsNotReady: true };

function node(ready: 'True' | 'False' | 'Unknown', taint?: string): Node {
  return {
    metadata: { name: 'n1' },
    spec: { taints: taint === undefined ? [] : [{ key: taint, effect: 'NoExecute' }] },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  };
}

const OUT = node('Unknown', 'node.kubernetes.io/out-of-service');
const CASES: readonly (readonly [string, NodeFacts, FenceRules, string, string])[] = [
  ['heard just now', { node: node('True'), leaseMs: 40_000, silentMs: 0 }, SAFE, 'alive', ''],
  ['heard, Node deleted', { node: undefined, leaseMs: 40_000, silentMs: 39_999 }, SAFE, 'alive', ''],
  ['heard, out of service', { node: OUT, leaseMs: 40_000, silentMs: 1 }, SAFE, 'alive', ''],
  ['heard, not ready, unsafe', { node: node('False'), leaseMs: 40_000, silentMs: 1 }, UNSAFE, 'alive', ''],
  ['Lease expired only', { node: node('True'), leaseMs: 40_000, silentMs: 299_999 }, SAFE, 'alive', ''],
  ['Lease expired, not ready', { node: node('Unknown'), leaseMs: 40_000, silentMs: 299_999 }, SAFE, 'alive', ''],
  [
    'Node deleted',
    { node: undefined, leaseMs: 40_000, silentMs: 40_000 },
    SAFE,
    'Node deleted',
    'finished gone live none terminating',
  ],
  [
    'Node deleted, never an agent',
    { node: undefined, leaseMs: undefined, silentMs: 0 },
    SAFE,
    'Node deleted',
    'finished gone live none terminating',
  ],
  [
    'out of service',
    { node: OUT, leaseMs: 40_000, silentMs: 40_000 },
    SAFE,
    'out of service',
    'finished gone none terminating',
  ],
  [
    'beyond the fence',
    { node: node('True'), leaseMs: 40_000, silentMs: 300_000 },
    SAFE,
    'agent silent',
    'finished gone',
  ],
  [
    'no agent for as long',
    { node: node('True'), leaseMs: undefined, silentMs: 300_000 },
    SAFE,
    'agent silent',
    'finished gone',
  ],
  ['no agent yet', { node: node('True'), leaseMs: undefined, silentMs: 299_999 }, SAFE, 'alive', ''],
  [
    'not ready, unsafe',
    { node: node('Unknown'), leaseMs: 40_000, silentMs: 40_000 },
    UNSAFE,
    'not ready',
    'finished gone terminating',
  ],
  ['ready, unsafe', { node: node('True'), leaseMs: 40_000, silentMs: 40_000 }, UNSAFE, 'alive', ''],
];

for (const [name, facts, rules, why, frees] of CASES) {
  test(`judgeNode(): ${name}: ${why}`, () => {
    const verdict = judgeNode(facts, rules);
    assert.deepEqual([verdict.why, [...verdict.frees].sort().join(' ')], [why, frees]);
  });
}
