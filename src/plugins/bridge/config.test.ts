import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseBridgeConfig } from './config.ts';

const parse = (raw: Readonly<Record<string, unknown>>) => parseBridgeConfig({ type: 'bridge', ...raw });

describe('parseBridgeConfig()', () => {
  it('fills in the defaults', () => {
    const expected = { bridge: 'cni0', isGateway: false, isDefaultGateway: false, mtu: 0, dns: {} };
    assert.deepEqual(parse({}), expected);
    assert.deepEqual(parse({ ipMasq: false, ipMasqBackend: 'nftables', vlan: 0, hairpinMode: false }), expected);
  });
  it('makes a default gateway a gateway', () => {
    assert.equal(parse({ isDefaultGateway: true }).isGateway, true);
  });
  for (const key of [
    'forceAddress',
    'ipMasq',
    'hairpinMode',
    'promiscMode',
    'preserveDefaultVlan',
    'macspoofchk',
    'enabledad',
    'disableContainerInterface',
    'portIsolation',
  ]) {
    it(`refuses ${key} rather than leave it out`, () => {
      const message = `Cannot use plugin "bridge": ${key} is true, which is not supported yet; expected false`;
      assert.throws(() => parse({ [key]: true }), { code: 'CONFIG_UNSUPPORTED', message });
    });
  }
  it('refuses VLANs rather than leave them out', () => {
    assert.throws(() => parse({ vlan: 7 }), { code: 'CONFIG_UNSUPPORTED', message: /vlan is 7, .*expected 0$/ });
    assert.throws(() => parse({ vlanTrunk: [{ id: 7 }] }), { code: 'CONFIG_UNSUPPORTED', message: /vlanTrunk is/ });
  });
  it('names a wrong value', () => {
    assert.throws(() => parse({ bridge: 'a name too long for it' }), {
      code: 'CONFIG_INVALID',
      message: /bridge is "a name/,
    });
    assert.throws(() => parse({ isGateway: 1 }), { message: /isGateway is 1; expected true or false$/ });
  });
});
