import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from './api-object.ts';
import { ENDPOINT_SLICE_COLUMNS } from './built-in-columns.ts';

test('ENDPOINT_SLICE_COLUMNS show family, ports and the first three addresses', () => {
  const slice = {
    metadata: { name: 'web-1' },
    addressType: 'IPv6',
    endpoints: ['fd00::1', 'fd00::2', 'fd00::3', 'fd00::4'].map(address => ({ addresses: [address] })),
    ports: [{ name: 'http', port: 80 }, { port: 443 }],
  } as unknown as ApiObject; // what the columns read
  const cells = ENDPOINT_SLICE_COLUMNS.slice(1, -1).map(column => [column.name, column.cell(slice, 0)]);
  assert.deepEqual(cells, [
    ['AddressType', 'IPv6'],
    ['Ports', '80,443'],
    ['Endpoints', 'fd00::1,fd00::2,fd00::3 + 1 more...'],
  ]);
});
