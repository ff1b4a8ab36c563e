import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMacvlanConfig } from './config.ts';

describe('parseMacvlanConfig()', () => {
  it('fills in the defaults', () => {
    const expected = { mode: 'bridge', mtu: 0, linkInContainer: false, bcQueueLen: 0, dns: {} };
    assert.deepEqual(parseMacvlanConfig({ type: 'macvlan' }), expected);
    assert.deepEqual(parseMacvlanConfig({ type: 'macvlan', master: '', mode: '', mac: '', mtu: null }), expected);
  });
  it('leaves keys of CNI and private keys to others', () => {
    const raw = {
      type: 'macvlan',
      name: 'lan',
      cniVersion: '1.0.0',
      ipam: { type: 'x' },
      capabilities: { mac: true },
      runtimeConfig: {},
      args: {},
      prevResult: {},
      'example.com/note': 'x',
    };
    assert.equal(parseMacvlanConfig(raw).mode, 'bridge');
  });

  const wrong: readonly (readonly [raw: Readonly<Record<string, unknown>>, message: string])[] = [
    [{ mode: 'brigde' }, 'mode is "brigde", expected one of "bridge", "private", "vepa", "passthru"'],
    [{ mode: 4 }, 'mode is 4, expected one of "bridge", "private", "vepa", "passthru"'],
    [{ mtu: -1 }, 'mtu is -1, expected a number of bytes from 0 (the default) to 65535'],
    [{ mtu: '1500' }, 'mtu is "1500", expected a number of bytes from 0 (the default) to 65535'],
    [
      { mac: '0a:00' },
      'mac is "0a:00", expected six bytes in hex such as "0a:58:0a:f4:00:01", not a multicast address',
    ],
    [
      { master: '../eth0' },
      'master is "../eth0", expected the name of a network device, at most 15 bytes without "/" and blanks',
    ],
    [{ linkInContainer: 'yes' }, 'linkInContainer is "yes", expected true or false'],
    [{ bcqueuelen: 2 ** 32 }, 'bcqueuelen is 4294967296, expected a whole number from 0 to 4294967295'],
    [{ dns: [] }, 'dns is [], expected an object with nameservers, domain, search and options'],
    [{ dns: { nameservers: [5] } }, 'dns.nameservers[0] is 5, expected text'],
    [
      { mastre: 'eth0' },
      'key "mastre" is unknown, expected one of master, mode, mtu, mac, linkInContainer, bcqueuelen, dns',
    ],
  ];
  for (const [raw, message] of wrong) {
    it(`says ${message.slice(0, 40)}`, () => {
      assert.throws(() => parseMacvlanConfig({ type: 'macvlan', ...raw }), {
        name: 'ConfigError',
        code: 'CONFIG_INVALID',
        message: `Cannot use plugin "macvlan": ${message}`,
      });
    });
  }
});
