import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSriovConfig } from './config.ts';

const base = { type: 'sriov', deviceID: '0000:03:02.1' };

describe('parseSriovConfig()', () => {
  it('takes every key, and what meta-plugins write beside', () => {
    const raw = {
      ...base,
      pciBusID: '0000:03:02.1',
      vlan: 100,
      vlanQoS: 2,
      vlanProto: '802.1AD',
      mac: '02:00:00:00:00:0A',
      spoofchk: 'on',
      trust: 'off',
      link_state: 'enable',
      min_tx_rate: 10,
      max_tx_rate: 100,
      logLevel: 'debug',
      logFile: '/tmp/x',
    };
    assert.deepEqual(parseSriovConfig(raw), {
      deviceId: '0000:03:02.1',
      vlan: { id: 100, qos: 2, protocol: '802.1ad' },
      mac: '02:00:00:00:00:0a',
      isSpoofChecked: true,
      isTrusted: false,
      linkState: 'enable',
      minTxRate: 10,
      maxTxRate: 100,
      dns: {},
    });
  });
  it('leaves alone what is not given', () => {
    assert.deepEqual(parseSriovConfig(base), { deviceId: '0000:03:02.1', dns: {} });
  });
  it('takes the device of the runtime before its own', () => {
    const raw = { ...base, runtimeConfig: { deviceID: '0000:3B:0A.7' } };
    assert.equal(parseSriovConfig(raw).deviceId, '0000:3b:0a.7');
  });
  for (const [more, why] of [
    [{ deviceID: undefined }, /deviceID is missing, expected a resourceName/],
    [{ deviceID: '../../x' }, /deviceID is "\.\.\/\.\.\/x", expected the address of a virtual function/],
    [{ runtimeConfig: { deviceID: 7 } }, /runtimeConfig\.deviceID is 7/],
    [{ vlan: 4095 }, /vlan is 4095/],
    [{ vlan: 0, vlanQoS: 1 }, /vlanQoS is 1, expected a vlan/],
    [{ vlanProto: '802.1ad' }, /vlanProto is "802\.1ad", expected a vlan/],
    [{ vlan: 1, vlanQoS: 8 }, /vlanQoS is 8/],
    [{ spoofchk: 'yes' }, /spoofchk is "yes", expected one of "on", "off"/],
    [{ min_tx_rate: 5, max_tx_rate: 4 }, /min_tx_rate is 5, expected at most max_tx_rate/],
    [{ max_tx_rate: -1 }, /max_tx_rate is -1/],
    [{ link_state: 'up' }, /link_state is "up"/],
    [{ vlanid: 7 }, /key "vlanid" is unknown/],
  ] as const) {
    it(`refuses ${JSON.stringify(more)}`, () => {
      assert.throws(() => parseSriovConfig({ ...base, ...more }), { code: 'CONFIG_INVALID', message: why });
    });
  }
});
