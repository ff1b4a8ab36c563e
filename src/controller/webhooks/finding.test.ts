import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behindField, sentenceOf } from './finding.ts';

const said = (field: string, message: string): readonly string[] => {
  const finding = { severity: 'error', field, message } as const;
  return [sentenceOf(finding), behindField(finding)];
};

test('sentenceOf() names a field once, behindField() leaves it to who prints it', () => {
  assert.deepEqual(said('spec.ips[0]', 'spec.ips[0] is 1, expected 2'), [
    'spec.ips[0] is 1, expected 2',
    'is 1, expected 2',
  ]);
  assert.deepEqual(said('spec.config', 'spec.config: not JSON'), ['spec.config: not JSON', 'not JSON']);
  assert.deepEqual(said('spec.config.mode', 'mode is 1'), ['spec.config.mode: mode is 1', 'mode is 1']);
  assert.deepEqual(said('spec.ips', 'spec.ips and others'), ['spec.ips and others', 'spec.ips and others']);
  assert.deepEqual(said('the object', 'X is deleted'), ['X is deleted', 'X is deleted']);
});
