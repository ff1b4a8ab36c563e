import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api';
import { awaitsAddresses } from './awaits-addresses.ts';

const CASES: readonly (readonly [string, boolean, Partial<Pod['metadata']>, Pod['spec'], Pod['status']?])[] = [
  ['scheduled', true, {}, { nodeName: 'n1' }, { phase: 'Pending' }],
  ['scheduled, no status yet', true, {}, { nodeName: 'n1' }],
  ['not scheduled', false, {}, {}, { phase: 'Pending' }],
  ['of the host', false, {}, { nodeName: 'n1', hostNetwork: true }, { phase: 'Pending' }],
  ['running', false, {}, { nodeName: 'n1' }, { phase: 'Running' }],
  ['finished', false, {}, { nodeName: 'n1' }, { phase: 'Failed' }],
  ['terminating', false, { deletionTimestamp: '2026-01-01T00:00:00Z' }, { nodeName: 'n1' }, { phase: 'Pending' }],
];

for (const [name, expected, metadata, spec, status] of CASES) {
  test(`awaitsAddresses(): a pod that is ${name}: ${expected}`, () => {
    const pod: Pod = { metadata: { name: 'a', ...metadata }, spec, ...(status === undefined ? {} : { status }) };
    assert.equal(awaitsAddresses(pod), expected);
  });
}
