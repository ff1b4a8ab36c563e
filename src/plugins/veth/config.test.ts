import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseVethConfig } from './config.ts';

const subnets = { service_hijack_subnet: ['10.96.0.0/12'], overlay_hijack_subnet: ['10.244.0.0/16'] };
const parse = (raw: Readonly<Record<string, unknown>>) => parseVethConfig({ type: 'veth', ...subnets, ...raw });

describe('parseVethConfig()', () => {
  it('fills in the defaults', () => {
    assert.deepEqual(parse({}), {
      hijackedPrefixes: ['10.96.0.0/12', '10.244.0.0/16'],
      isMigrating: true,
      rpFilter: { setHost: true, value: '2' },
      isSkipped: false,
    });
  });
  it('lists services, pods and additional prefixes once each, in canonical text', () => {
    const { hijackedPrefixes } = parse({
      service_hijack_subnet: [' 172.96.1.1/18 ', '2001:4860:FD00::/108'],
      overlay_hijack_subnet: ['10.240.0.0/12', '172.96.0.0/18'],
      additional_hijack_subnet: ['169.254.25.10/32'],
    });
    assert.deepEqual(hijackedPrefixes, ['172.96.0.0/18', '2001:4860:fd00::/108', '10.240.0.0/12', '169.254.25.10/32']);
  });
  it('takes a value of rp_filter that is missing as the predecessor does', () => {
    assert.deepEqual(parse({ rp_filter: { set_host: true } }).rpFilter, { setHost: true, value: '2' });
    assert.deepEqual(parse({ rp_filter: {} }).rpFilter, { setHost: false, value: '0' });
    assert.deepEqual(parse({ rp_filter: { set_host: true, value: 0 } }).rpFilter, { setHost: true, value: '0' });
    assert.deepEqual(parse({ rp_filter: { value: 1 } }).rpFilter, { setHost: false, value: '1' });
  });
  it('does not migrate with migrate_route 0', () => {
    assert.deepEqual(
      [-1, 0, 1].map(migrate_route => parse({ migrate_route }).isMigrating),
      [true, false, true],
    );
  });
  it('accepts settings of logs and a probe that is off', () => {
    const log_options = { log_level: 'debug', log_file: '/var/log/meta-plugins/veth.log', log_max_size: 100 };
    assert.equal(parse({ log_options, ip_conflict: { enabled: false }, only_op_mac: false }).isSkipped, false);
  });

  const wrong: readonly (readonly [raw: Readonly<Record<string, unknown>>, message: string | RegExp])[] = [
    [{ service_hijack_subnet: undefined }, 'service_hijack_subnet is missing, expected a list of CIDRs'],
    [{ overlay_hijack_subnet: undefined }, 'overlay_hijack_subnet is missing, expected a list of CIDRs'],
    [{ service_hijack_subnet: [] }, 'service_hijack_subnet is [], expected a list of one CIDR at least'],
    [{ overlay_hijack_subnet: [] }, 'overlay_hijack_subnet is [], expected a list of one CIDR at least'],
    [
      { additional_hijack_subnet: ['10.0.0.0/8', '10.0.0'] },
      /^additional_hijack_subnet\[1\] is "10.0.0", expected a CIDR such as "10.96.0.0\/12"/,
    ],
    [{ service_hijack_subnet: [5] }, 'service_hijack_subnet[0] is 5, expected a CIDR'],
    [{ migrate_route: 2 }, 'migrate_route is 2, expected -1, 0 or 1'],
    [{ rp_filter: { value: 3 } }, 'rp_filter.value is 3, expected 0, 1 or 2'],
    [{ rp_filter: { sethost: true } }, /^rp_filter is .*, expected an object without "sethost"$/],
    [
      { service_hijack_subnets: [] },
      /^key "service_hijack_subnets" is unknown, expected one of overlay_hijack_subnet,/,
    ],
  ];
  for (const [raw, message] of wrong) {
    it(`says ${String(message).slice(0, 50)}`, () => {
      assert.throws(
        () => parse(raw),
        (error: Error & { code: string }) => {
          assert.equal(error.code, 'CONFIG_INVALID');
          const own = error.message.replace('Cannot use plugin "veth": ', '');
          if (typeof message === 'string') assert.equal(own, message);
          else assert.match(own, message);
          return true;
        },
      );
    });
  }

  const unsupported: readonly (readonly [raw: Readonly<Record<string, unknown>>, message: string])[] = [
    [{ ip_conflict: { enabled: true } }, 'ip_conflict.enabled is true, which is not supported yet, expected false'],
    [{ only_op_mac: true }, 'only_op_mac is true, which is not supported yet, expected false'],
    [
      { mac_prefix: '0a:1b' },
      'mac_prefix is "0a:1b", which is not supported yet, expected no prefix; a MAC can be given to the main plugin',
    ],
  ];
  for (const [raw, message] of unsupported) {
    it(`refuses ${Object.keys(raw).join()} rather than leave it out`, () => {
      assert.throws(() => parse(raw), { code: 'CONFIG_UNSUPPORTED', message: `Cannot use plugin "veth": ${message}` });
    });
  }
});
