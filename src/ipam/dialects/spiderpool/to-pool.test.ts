import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SPIDER_RESERVED_IPS } from '#api';
import { formatAddressRanges } from './address-ranges.ts';
import { poolOf, reservedOf } from './testing.ts';
import { usableOf, wishAt, wishesOf } from './testing-wishes.ts';

test("spiderpoolWishes() gives a pool's address with its prefix, gateway and default route", async () => {
  const pool = poolOf('ippool-test', { multusName: ['kube-system/macvlan-conf'] });
  const wishes = await wishesOf({ pools: [pool], annotations: { ippool: { ipv4: ['ippool-test'] } } });
  const [own] = wishAt(wishes).pools;
  assert.deepEqual(
    { ...own, usable: undefined, kept: undefined },
    {
      ref: { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'ippool-test' },
      scope: 'default',
      family: 4,
      prefixLength: 16,
      text: 'IPPool ippool-test (172.18.30.131-172.18.30.140)',
      usable: undefined,
      kept: undefined,
      order: 'unused-first',
      gateway: '172.18.0.1',
      routes: [{ dst: '0.0.0.0/0', gw: '172.18.0.1' }],
    },
  );
  assert.deepEqual(usableOf(wishAt(wishes)), ['172.18.30.131-172.18.30.140']);
  assert.equal(wishAt(wishes).closed, undefined);
});

test('spiderpoolWishes() hands out no excluded, reserved, network or broadcast address, nor the gateway', async () => {
  const pool = poolOf('a', {
    subnet: '172.18.30.0/28',
    ips: ['172.18.30.0-172.18.30.15'],
    excludeIPs: ['172.18.30.1', '172.18.30.6'],
    gateway: '172.18.30.1',
  });
  const wishes = await wishesOf({
    pools: [pool],
    others: [
      [SPIDER_RESERVED_IPS, reservedOf('r', ['172.18.30.3-172.18.30.4', '10.0.0.1'])],
      [SPIDER_RESERVED_IPS, reservedOf('six', ['fd00::1'])],
    ],
    annotations: { ippool: { ipv4: ['a'] } },
  });
  assert.deepEqual(usableOf(wishAt(wishes)), ['172.18.30.2', '172.18.30.5', '172.18.30.7-172.18.30.14']);
  assert.deepEqual(
    wishAt(wishes).pools.flatMap(({ kept = [] }) => formatAddressRanges(kept, 4)),
    ['172.18.30.0-172.18.30.15'],
  );
});

test('spiderpoolWishes() puts routes of the pod to the pool whose network has their next hop', async () => {
  const pool = poolOf('a', { routes: [{ dst: '10.0.0.0/8', gw: '172.18.0.2' }] });
  const routes = [
    { dst: '10.9.0.0/16', gw: '172.18.0.3' },
    { dst: '10.8.0.0/16', gw: '192.168.0.1' },
  ];
  const wishes = await wishesOf({ pools: [pool], annotations: { ippool: { ipv4: ['a'] }, routes } });
  assert.deepEqual(wishAt(wishes).pools[0]?.routes, [
    { dst: '0.0.0.0/0', gw: '172.18.0.1' },
    { dst: '10.0.0.0/8', gw: '172.18.0.2' },
    { dst: '10.9.0.0/16', gw: '172.18.0.3' },
  ]);
});

test('spiderpoolWishes() passes over host bits in destinations of routes, as Spiderpool does', async () => {
  const pool = poolOf('a', { routes: [{ dst: '10.3.4.5/8', gw: '172.18.0.2' }] });
  const routes = [{ dst: '10.9.8.7/16', gw: '172.18.0.3' }];
  const wishes = await wishesOf({ pools: [pool], annotations: { ippool: { ipv4: ['a'] }, routes } });
  assert.deepEqual(wishAt(wishes).pools[0]?.routes?.slice(1), [
    { dst: '10.0.0.0/8', gw: '172.18.0.2' },
    { dst: '10.9.0.0/16', gw: '172.18.0.3' },
  ]);
});

test('spiderpoolWishes() leaves the default route out by cleangateway of pod or configuration, the pod first', async () => {
  const routesFor = async (cleangateway: boolean | undefined, clean_gateway: boolean): Promise<unknown> => {
    const ippools = [{ ipv4: ['a'], ...(cleangateway === undefined ? {} : { cleangateway }) }];
    const wishes = await wishesOf({ pools: [poolOf('a')], annotations: { ippools }, config: { clean_gateway } });
    return wishAt(wishes).pools[0]?.routes;
  };
  const route = [{ dst: '0.0.0.0/0', gw: '172.18.0.1' }];
  assert.deepEqual(await routesFor(undefined, false), route);
  assert.deepEqual(await routesFor(undefined, true), undefined);
  assert.deepEqual(await routesFor(true, false), undefined);
  assert.deepEqual(await routesFor(false, true), route);
});

test('spiderpoolWishes() reads the detection of a pool', async () => {
  const pool = poolOf('a', {}, { annotations: { 'underlane.io/detect': 'conflict' } });
  const wishes = await wishesOf({ pools: [pool], annotations: { ippool: { ipv4: ['a'] } } });
  assert.deepEqual(wishAt(wishes).pools[0]?.detect, { conflict: true, gateway: false });
});
