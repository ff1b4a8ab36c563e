import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { plannedMac } from './planned-mac.ts';
import { attachment } from './testing.ts';

describe('plannedMac()', () => {
  it('is locally administered and unicast for any input', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (containerId, nonce, role) => {
        assert.match(plannedMac({ ...attachment, containerId, nonce }, role), /^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
      }),
    );
  });
  it('differs by container, interface, nonce and role, and by nothing else', () => {
    const macs = [
      plannedMac(attachment),
      plannedMac({ ...attachment, containerId: 'other' }),
      plannedMac({ ...attachment, ifname: 'net1' }),
      plannedMac({ ...attachment, nonce: 'second' }),
      plannedMac(attachment, 'role'),
    ];
    assert.equal(new Set(macs).size, macs.length);
    assert.equal(plannedMac({ ...attachment, netns: '/elsewhere', mac: '0a:00:00:00:00:01' }), macs[0]);
  });
  it('does not take parts that run together for the same', () => {
    const one = plannedMac({ ...attachment, containerId: 'ab', ifname: 'c' });
    assert.notEqual(one, plannedMac({ ...attachment, containerId: 'a', ifname: 'bc' }));
  });
});
