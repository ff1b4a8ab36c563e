import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Wiring } from '#wiring';
import { splitBatch } from './split-batch.ts';

const link = { kind: 'link', place: 'pod', name: 'eth0', link: { type: 'dummy' }, isUp: true } as const;
const sysctl = { kind: 'sysctl', place: 'pod', path: 'net/ipv4/conf/eth0/rp_filter', value: '0' } as const;
const address = { kind: 'address', place: 'pod', dev: 'eth0', address: '10.0.0.5/24' } as const;
const route = { kind: 'route', place: 'pod', dst: '0.0.0.0/0', dev: 'eth0', via: '10.0.0.1' } as const;
const absent = { kind: 'absent', place: 'pod', what: route } as const;
const gateway = { kind: 'address', place: 'host', dev: 'br0', address: '10.0.0.1/24' } as const;
const back = { kind: 'route', place: 'host', dst: '10.0.0.5/32', dev: 'veth0' } as const;

const planned = (index: number, wiring: Wiring) => ({ index, plugin: 'any', wiring });

test('splitBatch() keeps for later what makes the pod use its addresses, and only that, in order', () => {
  const { before, after } = splitBatch([
    planned(0, [gateway, link, sysctl, address, route]),
    planned(1, [link, address, back]),
    planned(0, [absent]),
  ]);
  assert.deepEqual(before, [planned(0, [gateway, link, sysctl]), planned(1, [link, back])]);
  assert.deepEqual(after, [planned(0, [address, route]), planned(1, [address]), planned(0, [absent])]);
});
