import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesOf } from '../../../api/testing.ts';
import { pool6Of, poolOf, subnetOf } from './testing.ts';
import { validateSpiderSubnet, validateSpiderSubnetChange, validateSpiderSubnetRemoval } from './validate-subnet.ts';

test('validateSpiderSubnet() refuses what cannot be asked of the network', () => {
  const subnet = subnetOf('s');
  const annotations = { 'underlane.io/detect': 'maybe' };
  const wrong = { ...subnet, metadata: { ...subnet.metadata, annotations } };
  assert.deepEqual(messagesOf(validateSpiderSubnet(wrong, { pools: [], subnets: [] })), [
    'metadata.annotations[underlane.io/detect] is "maybe", expected "conflict", "gateway", "conflict,gateway" or "none"',
  ]);
});

test('validateSpiderSubnet() refuses overlap with subnets, and less than its pools have', () => {
  assert.deepEqual(validateSpiderSubnet(subnetOf('s'), { pools: [poolOf('a')], subnets: [subnetOf('s')] }), []);
  const wide = subnetOf('wide', { subnet: '172.16.0.0/12', ips: [], gateway: '172.16.0.1' });
  assert.deepEqual(messagesOf(validateSpiderSubnet(subnetOf('s'), { pools: [], subnets: [wide] })), [
    'spec.subnet is "172.18.0.0/16", expected a network of its own: overlap with Subnet wide which \'spec.subnet\' is 172.16.0.0/12',
  ]);
  assert.deepEqual(messagesOf(validateSpiderSubnet(wide, { pools: [poolOf('a')], subnets: [] })), [
    "spec.subnet is \"172.16.0.0/12\", expected a network of its own: overlap with SpiderIPPool 'a' which 'spec.subnet' is 172.18.0.0/16",
  ]);
  const small = subnetOf('s', { ips: ['172.18.30.1-172.18.30.135'] });
  assert.deepEqual(messagesOf(validateSpiderSubnet(small, { pools: [poolOf('a')], subnets: [] })), [
    "spec.ips is [\"172.18.30.1-172.18.30.135\"], expected all addresses of its pools: SpiderIPPool 'a' owns some IP addresses that SpiderSubnet 's' can't control, [172.18.30.136-172.18.30.140]",
  ]);
});

test('validateSpiderSubnetChange() and validateSpiderSubnetRemoval() keep what pools are made of', () => {
  assert.deepEqual(messagesOf(validateSpiderSubnetChange(subnetOf('s'), subnetOf('s', { subnet: '172.19.0.0/16' }))), [
    'spec.subnet is "172.19.0.0/16", expected 172.18.0.0/16: it is not changeable',
  ]);
  assert.deepEqual(validateSpiderSubnetRemoval(subnetOf('s'), [pool6Of('six')]), []);
  assert.deepEqual(messagesOf(validateSpiderSubnetRemoval(subnetOf('s'), [poolOf('a'), poolOf('b')])), [
    'SpiderSubnet s is deleted, expected that no pool has addresses of it: a, b',
  ]);
});
