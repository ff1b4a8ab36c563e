import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkAttachmentDefinition } from '#api';
import { rangeSizes } from './range-sizes.ts';

function nadOf(name: string, range: string): NetworkAttachmentDefinition {
  const config = { cniVersion: '1.0.0', type: 'macvlan', master: 'eth1', ipam: { type: 'whereabouts', range } };
  return { metadata: { name, namespace: 'default' }, spec: { config: JSON.stringify(config) } };
}

test('rangeSizes() counts parts of one range that several networks hand out together, and what they share once', () => {
  const nads = [
    nadOf('a', '172.18.40.1-172.18.40.100/16'),
    nadOf('b', '172.18.41.1-172.18.41.100/16'),
    nadOf('c', '172.18.41.51-172.18.41.150/16'),
    nadOf('wrong', 'x'),
  ];
  assert.deepEqual(
    rangeSizes(nads).map(({ key, size, subjects }) => [key.name, size, subjects.map(({ name }) => name)]),
    [['172.18.0.0-16', 250n, ['a', 'b', 'c']]],
  );
});
