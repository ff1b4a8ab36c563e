import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseBridgeConfig } from './config.ts';

const parse = (raw: Readonly<Record<string, unknown>>) => parseBridgeConfig({ type: 'bridge', ...raw });

describe('parseBridgeConfig()', () => {
  it('fills in the defaults', () => {
    const expected = {
      bridge: 'cni0',
      isGateway: false,
      isDefaultGateway: false,
      mtu: 0,
      forceAddress: false,
      hairpinMode: false,
      ipMasq: false,
      macspoofchk: false,
      promiscMode: false,
      portIsolation: false,
      enabledad: false,
      disableContainerInterface: false,
      vlans: [],
      vlan: 0,
      dns: {},
    };
    assert.deepEqual(parse({}), expected);
    assert.deepEqual(parse({ ipMasq: false, ipMasqBackend: 'nftables', vlan: 0, hairpinMode: false }), expected);
  });
  it('makes a default gateway a gateway', () => {
    assert.equal(parse({ isDefaultGateway: true }).isGateway, true);
  });
  it('takes either backend of ipMasq, and no other', () => {
    assert.equal(parse({ ipMasq: true, ipMasqBackend: 'iptables' }).ipMasq, true);
    assert.throws(() => parse({ ipMasq: true, ipMasqBackend: 'ebtables' }), {
      message: /ipMasqBackend is "ebtables", expected one of "iptables", "nftables"$/,
    });
  });
  it('tells the VLANs of the port', () => {
    const untagged = { isPvid: true, isUntagged: true };
    assert.deepEqual(parse({ vlan: 7 }).vlans, [{ id: 7, ...untagged }]);
    assert.deepEqual(parse({ vlan: 7, preserveDefaultVlan: true }).vlans, [
      { id: 1, isUntagged: true },
      { id: 7, ...untagged },
    ]);
    assert.deepEqual(parse({ vlan: 7, vlanTrunk: [{ id: 1 }, { id: 9 }] }).vlans, [
      { id: 1 },
      { id: 7, ...untagged },
      { id: 9 },
    ]);
    // A trunk alone has VLAN 1 as its native one.
    assert.deepEqual(parse({ vlanTrunk: [{ id: 9 }, { minID: 3, maxID: 5 }] }).vlans, [
      { id: 1, ...untagged },
      { id: 3 },
      { id: 4 },
      { id: 5 },
      { id: 9 },
    ]);
    assert.deepEqual(parse({ vlanTrunk: [{ id: 1 }, { id: 9 }] }).vlans, [{ id: 1, ...untagged }, { id: 9 }]);
  });
  it('names a VLAN that cannot be', () => {
    assert.throws(() => parse({ vlan: 4095 }), { message: /vlan is 4095, expected a whole number from 0 to 4094$/ });
    for (const entry of [{}, { minID: 5 }, { minID: 5, maxID: 4 }, { id: 0 }, 7]) {
      assert.throws(() => parse({ vlanTrunk: [entry] }), { code: 'CONFIG_INVALID', message: /vlanTrunk\[0\]/ });
    }
  });
  it('refuses what excludes each other', () => {
    assert.throws(() => parse({ hairpinMode: true, promiscMode: true }), {
      message: 'Cannot use plugin "bridge": promiscMode is true, expected false, since hairpinMode is true',
    });
    assert.throws(() => parse({ disableContainerInterface: true, ipam: { type: 'static' } }), {
      message: /disableContainerInterface is true, expected false, or no ipam$/,
    });
    assert.equal(parse({ disableContainerInterface: true, ipam: {} }).disableContainerInterface, true);
  });
  it('names a wrong value', () => {
    assert.throws(() => parse({ bridge: 'a name too long for it' }), {
      code: 'CONFIG_INVALID',
      message: /bridge is "a name/,
    });
    assert.throws(() => parse({ isGateway: 1 }), { message: /isGateway is 1, expected true or false$/ });
  });
});
