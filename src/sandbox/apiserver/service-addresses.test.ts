import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBytes, addressText } from './address-bytes.ts';
import type { ApiObject } from './api-object.ts';
import { addressFields, checkAddresses, checkAddressUpdate, parseServiceRanges } from './service-addresses.ts';

const DUAL = parseServiceRanges(['172.96.0.0/18', '2001:4860:fd00::/108']);
const SINGLE = parseServiceRanges(['10.96.0.0/16']);

function service(spec: object): ApiObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'n', name: 's' }, spec } as unknown as ApiObject; // what the check reads
}

test('addressFields() gives one address of the primary family unless more is asked for', () => {
  assert.deepEqual(addressFields({}, DUAL, []), {
    clusterIP: '172.96.0.1',
    clusterIPs: ['172.96.0.1'],
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
  });
});

test('addressFields() gives one of each family to a dual-stack Service, and none that is taken', () => {
  const first = addressFields({ ipFamilyPolicy: 'RequireDualStack' }, DUAL, []);
  assert.deepEqual(first, {
    clusterIP: '172.96.0.1',
    clusterIPs: ['172.96.0.1', '2001:4860:fd00::1'],
    ipFamilies: ['IPv4', 'IPv6'],
    ipFamilyPolicy: 'RequireDualStack',
  });
  const second = addressFields({ ipFamilies: ['IPv6', 'IPv4'] }, DUAL, [service(first)]);
  assert.deepEqual(second['clusterIPs'], ['2001:4860:fd00::2', '172.96.0.2']);
  assert.equal(second['ipFamilyPolicy'], 'RequireDualStack');
});

test('addressFields() keeps what is given, adds the second address on request and drops it again', () => {
  const single = addressFields({ clusterIP: '172.96.0.9' }, DUAL, []);
  const dual = addressFields({ ...single, ipFamilyPolicy: 'PreferDualStack' }, DUAL, []);
  assert.deepEqual(dual['clusterIPs'], ['172.96.0.9', '2001:4860:fd00::1']);
  const again = addressFields({ ...dual, ipFamilyPolicy: 'SingleStack' }, DUAL, []);
  assert.deepEqual([again['clusterIPs'], again['ipFamilies']], [['172.96.0.9'], ['IPv4']]);
  assert.deepEqual(checkAddressUpdate(service(dual), service(single)), []);
  assert.deepEqual(checkAddressUpdate(service(again), service(dual)), []);
});

test('addressFields() gives a headless Service families and no address', () => {
  const { clusterIPs, ipFamilies } = addressFields({ clusterIP: 'None', ipFamilyPolicy: 'PreferDualStack' }, DUAL, []);
  assert.deepEqual([clusterIPs, ipFamilies], [['None'], ['IPv4', 'IPv6']]);
});

test('checkAddresses() refuses dual stack and families that the cluster has not, and addresses that are taken', () => {
  const fieldsOf = (spec: object, ranges = SINGLE, others: readonly ApiObject[] = []): unknown =>
    checkAddresses(service(addressFields({ ...spec }, ranges, others)), ranges, others).map(({ field }) => field);
  assert.deepEqual(fieldsOf({ ipFamilyPolicy: 'RequireDualStack' }), ['spec.ipFamilyPolicy']);
  assert.deepEqual(fieldsOf({ ipFamilyPolicy: 'PreferDualStack' }), []);
  assert.deepEqual(fieldsOf({ ipFamilies: ['IPv6'] }), ['spec.ipFamilies[0]']);
  const holder = service(addressFields({ ipFamilyPolicy: 'RequireDualStack' }, DUAL, []));
  assert.deepEqual(fieldsOf({ clusterIPs: ['2001:4860:fd00::1'] }, DUAL, [holder]), ['spec.clusterIPs']);
});

test('checkAddressUpdate() refuses another address, primary or secondary', () => {
  const dual = service(addressFields({ ipFamilyPolicy: 'RequireDualStack' }, DUAL, []));
  const moved = (clusterIPs: readonly string[]): number =>
    checkAddressUpdate(service({ clusterIP: clusterIPs[0], clusterIPs }), dual).length;
  assert.equal(moved(['172.96.0.7', '2001:4860:fd00::1']), 1);
  assert.equal(moved(['172.96.0.1', '2001:4860:fd00::7']), 1);
  assert.equal(moved(['172.96.0.1']), 0);
});

test('addressText() writes what addressBytes() reads, in the short form', () => {
  for (const text of ['172.96.0.1', '::', '2001:4860:fd00::1', 'fd00:10:244:0:1::2', '1:2:3:4:5:6:7:8'])
    assert.equal(addressText(addressBytes(text)), text);
});
