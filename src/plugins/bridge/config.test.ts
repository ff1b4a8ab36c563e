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
      promiscMode: false,
      portIsolation: false,
      enabledad: false,
      disableContainerInterface: false,
      dns: {},
    };
    assert.deepEqual(parse({}), expected);
    assert.deepEqual(parse({ ipMasq: false, ipMasqBackend: 'nftables', vlan: 0, hairpinMode: false }), expected);
  });
  it('makes a default gateway a gateway', () => {
    assert.equal(parse({ isDefaultGateway: true }).isGateway, true);
  });
  for (const key of ['ipMasq', 'preserveDefaultVlan', 'macspoofchk']) {
    it(`refuses ${key} rather than leave it out`, () => {
      const message = `Cannot use plugin "bridge": ${key} is true, which is not supported yet; expected false`;
      assert.throws(() => parse({ [key]: true }), { code: 'CONFIG_UNSUPPORTED', message });
    });
  }
  it('refuses VLANs rather than leave them out', () => {
    assert.throws(() => parse({ vlan: 7 }), { code: 'CONFIG_UNSUPPORTED', message: /vlan is 7, .*expected 0$/ });
    assert.throws(() => parse({ vlanTrunk: [{ id: 7 }] }), { code: 'CONFIG_UNSUPPORTED', message: /vlanTrunk is/ });
  });
  it('refuses what excludes each other', () => {
    assert.throws(() => parse({ hairpinMode: true, promiscMode: true }), {
      message: 'Cannot use plugin "bridge": promiscMode is true; expected false, since hairpinMode is true',
    });
    assert.throws(() => parse({ disableContainerInterface: true, ipam: { type: 'static' } }), {
      message: /disableContainerInterface is true; expected false, or no ipam$/,
    });
    assert.equal(parse({ disableContainerInterface: true, ipam: {} }).disableContainerInterface, true);
  });
  it('names a wrong value', () => {
    assert.throws(() => parse({ bridge: 'a name too long for it' }), {
      code: 'CONFIG_INVALID',
      message: /bridge is "a name/,
    });
    assert.throws(() => parse({ isGateway: 1 }), { message: /isGateway is 1; expected true or false$/ });
  });
});
