import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressesOf } from './pod-sandbox.ts';

test('addressesOf() takes the addresses of the named interface inside the container', () => {
  const result = {
    interfaces: [
      { name: 'eth0' },
      { name: 'eth0', sandbox: '/run/netns/x' },
      { name: 'net1', sandbox: '/run/netns/x' },
    ],
    ips: [
      { address: '10.0.0.1/24', interface: 0 },
      { address: '10.0.0.2/24', interface: 1 },
      { address: '10.0.0.3/24', interface: 2 },
    ],
  };
  assert.deepEqual(addressesOf(result, 'eth0'), ['10.0.0.2']);
});

test('addressesOf() counts addresses that name no interface', () => {
  assert.deepEqual(addressesOf({ ips: [{ address: '10.0.0.2/24' }] }, 'eth0'), ['10.0.0.2']);
});

test('addressesOf() refuses a result without an address', () => {
  assert.throws(() => addressesOf({ ips: [] }, 'eth0'), { code: 'CNI_FAILED' });
  assert.throws(() => addressesOf(undefined, 'eth0'), { code: 'CNI_FAILED' });
});
