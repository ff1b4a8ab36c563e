import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LabelSelector, matchesLabels } from './label-selector.ts';

const LABELS = { app: 'web', zone: 'a' };

const CASES: readonly [string, LabelSelector, boolean][] = [
  ['empty means every object', {}, true],
  ['a label with its value', { matchLabels: { app: 'web' } }, true],
  ['a label with another value', { matchLabels: { app: 'db' } }, false],
  ['one of two labels is missing', { matchLabels: { app: 'web', tier: 'x' } }, false],
  ['In', { matchExpressions: [{ key: 'zone', operator: 'In', values: ['b', 'a'] }] }, true],
  ['In, none of them', { matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] }, false],
  ['In, absent label', { matchExpressions: [{ key: 'tier', operator: 'In', values: ['b'] }] }, false],
  ['NotIn', { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['b'] }] }, true],
  ['NotIn, absent label', { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['b'] }] }, true],
  ['NotIn, one of them', { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, false],
  ['Exists', { matchExpressions: [{ key: 'zone', operator: 'Exists' }] }, true],
  ['Exists, absent label', { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, false],
  ['DoesNotExist', { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, true],
  ['DoesNotExist, label is there', { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
  ['an unknown operator', { matchExpressions: [{ key: 'app', operator: 'Gt', values: ['1'] }] }, false],
  [
    'labels and expressions must both hold',
    { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] },
    false,
  ],
];

for (const [name, selector, expected] of CASES) {
  test(`matchesLabels() as Kubernetes: ${name}`, () => assert.equal(matchesLabels(selector, LABELS), expected));
}
