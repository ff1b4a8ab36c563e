import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeOvnIPPool, KubeOvnIPPoolStatus, KubeOvnSubnet, KubeOvnSubnetStatus } from '#api';
import { loadKubeOvnObjects } from '#ipam';
import type { ViewChange } from '../view.ts';
import { compareIPPool } from './ip-pool-status-view.ts';
import { compareSubnet } from './subnet-status-view.ts';
import { macvlanClaim, macvlanSubnet, useOf } from './testing.ts';

const objects = await loadKubeOvnObjects();
const NOW = '2026-11-21T18:00:00Z';
const LATER = '2026-11-21T19:00:00Z';

test('compareSubnet() counts what is free and in use, with the ranges, from one look', () => {
  const claims = [macvlanClaim('172.17.0.11/24'), macvlanClaim('172.17.0.12/24'), macvlanClaim('172.17.0.20/24')];
  const { conditions, ...counts } = statusOf(compareSubnet(macvlanSubnet(), useOf(claims), objects, NOW));
  assert.deepEqual(counts, {
    v4availableIPs: 241,
    v4usingIPs: 3,
    v6availableIPs: 0,
    v6usingIPs: 0,
    v4availableIPrange: '172.17.0.13-172.17.0.19,172.17.0.21-172.17.0.254',
    v4usingIPrange: '172.17.0.11-172.17.0.12,172.17.0.20',
    v6availableIPrange: null,
    v6usingIPrange: null,
  });
  assert.deepEqual(
    conditions?.map(({ type, status, reason, lastTransitionTime }) => [type, status, reason, lastTransitionTime]),
    [
      ['Validated', 'True', 'ValidateLogicalSwitchSuccess', NOW],
      ['Ready', 'True', 'SetNonOvnSubnetSuccess', NOW],
    ],
  );
});

test('compareSubnet() counts no excluded address, also one that somebody asked for', () => {
  const status = statusOf(compareSubnet(macvlanSubnet(), useOf([macvlanClaim('172.17.0.5/24')]), objects, NOW));
  assert.deepEqual([status.v4usingIPs, status.v4availableIPs], [0, 244]);
});

test('compareSubnet() counts a /64 and point-to-point networks', () => {
  const wide = macvlanSubnet({ protocol: 'IPv6', cidrBlock: 'fd00::/64', gateway: 'fd00::1', excludeIps: ['fd00::1'] });
  assert.equal(statusOf(compareSubnet(wide, useOf([]), objects, NOW)).v6availableIPs, 2 ** 64 - 3);
  const narrow = macvlanSubnet({ cidrBlock: '172.17.0.0/31', gateway: '172.17.0.0', excludeIps: ['172.17.0.0'] });
  const claims = [macvlanClaim('172.17.0.1/31')];
  const { v4availableIPs, v4usingIPs } = statusOf(compareSubnet(narrow, useOf(claims), objects, NOW));
  assert.deepEqual([v4availableIPs, v4usingIPs], [0, 1]);
});

test('compareSubnet() finds nothing to write where nothing has changed, and keeps times of what stays', () => {
  const object = macvlanSubnet();
  const status = statusOf(compareSubnet(object, useOf([]), objects, NOW));
  const kept = Object.entries({ ...status, activateGateway: '' }).filter(([, value]) => value !== null);
  const written = { ...object, status: Object.fromEntries(kept) };
  assert.deepEqual(compareSubnet(written, useOf([]), objects, LATER), { kind: 'none' });
  const broken = { ...written, spec: { ...written.spec, gateway: '10.0.0.1' } };
  const change = statusOf(compareSubnet(broken, useOf([]), objects, LATER));
  assert.deepEqual(
    change.conditions?.map(({ type, status: value, lastTransitionTime }) => [type, value, lastTransitionTime]),
    [
      ['Validated', 'False', LATER],
      ['Ready', 'False', LATER],
    ],
  );
  assert.match(change.conditions?.[1]?.message ?? '', /^spec\.gateway is "10\.0\.0\.1"/);
});

test('compareSubnet() fills in what may be left out first', () => {
  const { protocol: _p, gateway: _g, ...spec } = macvlanSubnet().spec;
  assert.deepEqual(compareSubnet({ metadata: { name: 'macvlan' }, spec }, useOf([]), objects, NOW), {
    kind: 'patch',
    body: {
      spec: {
        protocol: 'IPv4',
        cidrBlock: '172.17.0.0/24',
        gateway: '172.17.0.1',
        excludeIps: ['172.17.0.1..172.17.0.10'],
      },
    },
  });
});

test("compareSubnet() leaves alone an OVN network's Subnet of which nothing is taken", () => {
  const object = macvlanSubnet({ provider: 'ovn' });
  assert.deepEqual(compareSubnet(object, useOf([]), objects, NOW), { kind: 'none' });
  const { conditions, v4usingIPs } = statusOf(
    compareSubnet(object, useOf([macvlanClaim('172.17.0.11/24')]), objects, NOW),
  );
  assert.deepEqual([conditions, v4usingIPs], [undefined, 1]);
});

test('compareSubnet() lists no ranges that would not fit into one object, and goes on to count', () => {
  const object = macvlanSubnet({ cidrBlock: '10.0.0.0/8', gateway: '10.0.0.1', excludeIps: ['10.0.0.1'] });
  const claims = Array.from({ length: 20_000 }, (_, index) => {
    const value = 2 * index + 2;
    return macvlanClaim(`10.${value >> 16}.${(value >> 8) & 255}.${value & 255}/8`);
  });
  const status = statusOf(compareSubnet(object, useOf(claims), objects, NOW));
  assert.equal(status.v4usingIPs, 20_000);
  assert.deepEqual(
    [status.v4availableIPrange, status.v4usingIPrange].map(text => text?.length),
    [undefined, undefined],
  );
});

test('compareIPPool() counts the addresses that the pool has by now, whoever took them how', () => {
  const pool = poolOf(['172.17.0.5..172.17.0.20', '10.0.0.0/30']);
  const claims = [macvlanClaim('172.17.0.11/24'), macvlanClaim('172.17.0.30/24')];
  const { conditions, ...counts } = poolStatusOf(compareIPPool(pool, macvlanSubnet(), useOf(claims), objects, NOW));
  assert.deepEqual(counts, {
    v4AvailableIPs: 9,
    v4UsingIPs: 1,
    v6AvailableIPs: 0,
    v6UsingIPs: 0,
    v4AvailableIPRange: '172.17.0.12-172.17.0.20',
    v4UsingIPRange: '172.17.0.11',
    v6AvailableIPRange: null,
    v6UsingIPRange: null,
  });
  assert.deepEqual(
    conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [['Ready', 'True', 'UpdateIPAMSucceeded']],
  );
});

test('compareIPPool() says why a pool hands out nothing', () => {
  const why = (ips: readonly string[], subnet?: KubeOvnSubnet) => {
    const [condition] = poolStatusOf(compareIPPool(poolOf(ips), subnet, useOf([]), objects, NOW)).conditions ?? [];
    return `${condition?.status} ${condition?.reason} ${condition?.message}`;
  };
  assert.equal(why(['172.17.0.20']), 'False UpdateIPAMFailed Subnet "macvlan" does not exist');
  assert.match(why(['172.17.0.20..172.17.0.10'], macvlanSubnet()), /^False UpdateIPAMFailed spec\.ips\[0\] is/);
});

function poolOf(ips: readonly string[]): KubeOvnIPPool {
  return { metadata: { name: 'pool-1' }, spec: { subnet: 'macvlan', ips } };
}

function statusOf(change: ViewChange<KubeOvnSubnet>): KubeOvnSubnetStatus {
  if (change.kind !== 'patch' || change.subresource !== 'status') throw new TypeError(JSON.stringify(change));
  // A patch of the status.
  return change.body['status'] as KubeOvnSubnetStatus;
}

function poolStatusOf(change: ViewChange<KubeOvnIPPool>): KubeOvnIPPoolStatus {
  if (change.kind !== 'patch' || change.subresource !== 'status') throw new TypeError(JSON.stringify(change));
  return change.body['status'] as KubeOvnIPPoolStatus;
}
