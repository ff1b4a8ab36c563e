import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSpiderIPPool, defaultSpiderReservedIP, defaultSpiderSubnet } from './default-objects.ts';
import { poolOf, reservedOf, subnetOf } from './testing.ts';

test('defaultSpiderIPPool() derives the family, merges the addresses and inherits from the SpiderSubnet', () => {
  const subnet = subnetOf('s', { routes: [{ dst: '10.0.0.0/8', gw: '172.18.0.2' }] });
  const { gateway: _, ...spec } = poolOf('a', { ips: ['172.18.30.9', '172.18.30.7-172.18.30.8', '172.18.30.7'] }).spec;
  const pool = defaultSpiderIPPool({ metadata: { name: 'a' }, spec }, [subnet]);
  assert.deepEqual(pool, {
    metadata: {
      name: 'a',
      labels: { 'ipam.spidernet.io/ippool-cidr': '172-18-0-0-16', 'ipam.spidernet.io/owner-spider-subnet': 's' },
    },
    spec: {
      ipVersion: 4,
      subnet: '172.18.0.0/16',
      ips: ['172.18.30.7-172.18.30.9'],
      gateway: '172.18.0.1',
      routes: [{ dst: '10.0.0.0/8', gw: '172.18.0.2' }],
    },
  });
  assert.deepEqual(defaultSpiderIPPool(pool, [subnet]), pool);
  const broken = poolOf('b', { subnet: 'x' });
  assert.equal(defaultSpiderIPPool(broken, []), broken);
});

test('defaultSpiderSubnet() and defaultSpiderReservedIP() derive the family', () => {
  const { spec, metadata } = defaultSpiderSubnet(subnetOf('s'));
  assert.equal(spec.ipVersion, 4);
  assert.equal(metadata.labels?.['ipam.spidernet.io/subnet-cidr'], '172-18-0-0-16');
  assert.deepEqual(defaultSpiderReservedIP(reservedOf('r', ['fd00::2', 'fd00::1'])).spec, {
    ipVersion: 6,
    ips: ['fd00::1-fd00::2'],
  });
});
