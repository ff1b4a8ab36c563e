import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKnownIpam, parseIpam } from './parse-ipam.ts';

const context = { networkName: 'lan', source: 'NetworkAttachmentDefinition "default/lan"' };

test('isKnownIpam() knows our dialects and nothing that objects inherit', () => {
  assert.deepEqual(['whereabouts', 'host-local', 'static', 'dhcp', '', 'toString', '__proto__'].map(isKnownIpam), [
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('parseIpam() names an unknown type and lists the known ones', () => {
  assert.throws(() => parseIpam({ type: 'calico-ipam' }, context), {
    name: 'IpamError',
    code: 'UNKNOWN_IPAM',
    message:
      'Cannot use ipam of NetworkAttachmentDefinition "default/lan": type is "calico-ipam", expected one of host-local, kube-ovn, spiderpool, static, whereabouts',
  });
});

test('parseIpam() refuses what is no object, and an object without type', () => {
  for (const raw of [undefined, null, 5, 'whereabouts', []]) {
    assert.throws(() => parseIpam(raw, context), { code: 'BAD_CONFIG', message: /ipam is .*expected an object$/ });
  }
  assert.throws(
    () => parseIpam({}, context),
    /type is missing, expected one of host-local, kube-ovn, spiderpool, static, whereabouts/,
  );
});

test('parseIpam() reads the ipam object of a whole plugin configuration', () => {
  const raw = {
    cniVersion: '1.0.0',
    name: 'lan',
    type: 'macvlan',
    ipam: { type: 'whereabouts', range: '10.0.0.0/24' },
  };
  assert.equal(parseIpam(raw, context).dialect, 'whereabouts');
});
