import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIp, formatRange } from '#ip';
import type { HostLocalIpam } from '../config/ipam-config.ts';
import { parseIpam } from '../config/parse-ipam.ts';
import { chooseHostLocal } from './choose-host-local.ts';

const context = { networkName: 'primary', source: 'network "primary"' };

function configOf(fields: Record<string, unknown>): HostLocalIpam {
  const config = parseIpam({ type: 'host-local', ...fields }, context);
  assert.equal(config.dialect, 'host-local');
  return config;
}

function failure(fields: Record<string, unknown>): string {
  try {
    configOf(fields);
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error);
    assert.equal(error.code, 'BAD_CONFIG');
    return error.message.replace('Cannot use ipam of network "primary": ', '');
  }
  return 'no failure';
}

const none: ReadonlySet<string> = new Set();

test('parseHostLocal() defaults to the first host as gateway and every host as range', () => {
  const [set] = configOf({ subnet: '10.244.1.0/24' }).sets;
  assert.ok(set?.[0]);
  assert.equal(formatRange(set[0]), '10.244.1.1-10.244.1.254');
  assert.equal(formatIp(set[0].gateway), '10.244.1.1');
  const [six] = configOf({ ranges: [[{ subnet: 'fd00::/120' }]] }).sets;
  assert.ok(six?.[0]);
  assert.equal(formatRange(six[0]), 'fd00::1-fd00::ff');
});

test('parseHostLocal() puts the flat form before the listed sets', () => {
  const config = configOf({
    subnet: '10.1.0.0/24',
    rangeStart: '10.1.0.5',
    rangeEnd: '10.1.0.9',
    gateway: '10.1.0.254',
    ranges: [[{ subnet: '10.2.0.0/24' }, { subnet: '10.3.0.0/24' }], [{ subnet: 'fd00::/64' }]],
    dataDir: '/run/x',
    routes: [{ dst: '0.0.0.0/0' }],
  });
  assert.deepEqual(
    config.sets.map(set => set.map(range => formatRange(range))),
    [['10.1.0.5-10.1.0.9'], ['10.2.0.1-10.2.0.254', '10.3.0.1-10.3.0.254'], ['fd00::1-fd00::ffff:ffff:ffff:ffff']],
  );
  assert.deepEqual(config.routes, [{ dst: '0.0.0.0/0' }]);
  assert.equal(config.dataDir, '/run/x');
  assert.throws(() => configOf({ subnet: '10.1.0.0/24', dataDir: 'x' }), /dataDir is "x", expected an absolute path/);
});

test('parseHostLocal() refuses a wrong field, naming field, value and what was expected', () => {
  const cases: readonly [Record<string, unknown>, string][] = [
    [{}, 'ranges is missing, expected at least one range set, or a subnet'],
    [{ ranges: [] }, 'ranges is [], expected at least one range set, or a subnet'],
    [{ ranges: [[]] }, 'ranges[0] is [], expected at least one range'],
    [{ subnet: '10.0.0.0' }, 'subnet is "10.0.0.0", expected a prefix like 10.0.0.0/24'],
    [{ subnet: '10.0.0.5/24' }, 'subnet is "10.0.0.5/24", expected a prefix without host bits: "10.0.0.0/24"'],
    [
      { subnet: '10.0.0.0/31' },
      'subnet is "10.0.0.0/31", expected a prefix of at most 30 bits, to have room for hosts',
    ],
    [{ subnet: 'fd00::/127' }, 'subnet is "fd00::/127", expected a prefix of at most 126 bits, to have room for hosts'],
    [
      { ranges: [[{ subnet: '10.0.0.0/24', rangeStart: '10.0.1.5' }]] },
      'ranges[0][0].rangeStart is "10.0.1.5", expected an address inside 10.0.0.0/24',
    ],
    [
      { subnet: '10.0.0.0/24', rangeStart: '10.0.0.9', rangeEnd: '10.0.0.5' },
      'rangeEnd is "10.0.0.5", expected an end that is not below rangeStart',
    ],
    [
      { subnet: '10.0.0.0/24', gateway: 'fd00::1' },
      'gateway is "fd00::1", expected an IPv4 address, as the subnet is one',
    ],
    [
      { ranges: [[{ subnet: '10.0.0.0/24' }, { subnet: 'fd00::/64' }]] },
      `ranges[0] is "fd00::1-fd00::ffff:ffff:ffff:ffff", expected IPv4, as the set's first range is`,
    ],
    [
      { ranges: [[{ subnet: '10.0.0.0/24' }], [{ subnet: '10.0.0.0/25' }]] },
      'ranges[1] is "10.0.0.1-10.0.0.126", expected a range that does not overlap 10.0.0.1-10.0.0.254',
    ],
    [
      { subnet: '10.0.0.0/24', resolvConf: '/etc/resolv.conf' },
      'resolvConf is "/etc/resolv.conf", expected nothing: it is not supported so far, use dns',
    ],
  ];
  for (const [fields, expected] of cases) assert.equal(failure(fields), expected);
  assert.match(failure({ subnet: '10.0.0.0/24', rangestart: 'x' }), /^unknown field "rangestart"/);
});

test('chooseHostLocal() begins behind the gateway and goes round robin', () => {
  const config = configOf({ subnet: '10.0.0.0/29' });
  let state: Parameters<typeof chooseHostLocal>[1] = { taken: none };
  const seen: string[] = [];
  for (let turn = 0; turn < 7; turn++) {
    const { ips, last } = chooseHostLocal(config, state);
    seen.push(ips[0]?.address ?? '');
    state = { taken: none, last };
  }
  assert.deepEqual(
    seen,
    ['2', '3', '4', '5', '6', '2', '3'].map(octet => `10.0.0.${octet}/29`),
  );
  assert.equal(chooseHostLocal(config, { taken: none }).ips[0]?.gateway, '10.0.0.1');
});

test('chooseHostLocal() takes one address of each set', () => {
  const config = configOf({ ranges: [[{ subnet: '10.0.0.0/24' }], [{ subnet: 'fd00::/64' }]] });
  const { ips, last } = chooseHostLocal(config, { taken: new Set(['10.0.0.2', 'fd00::2']) });
  assert.deepEqual(ips, [
    { address: '10.0.0.3/24', gateway: '10.0.0.1' },
    { address: 'fd00::3/64', gateway: 'fd00::1' },
  ]);
  assert.deepEqual(last, { 0: '10.0.0.3', 1: 'fd00::3' });
});

test('chooseHostLocal() gives a requested address, and says why it cannot', () => {
  const config = configOf({ subnet: '10.0.0.0/24' });
  assert.equal(chooseHostLocal(config, { taken: none, requested: ['10.0.0.77'] }).ips[0]?.address, '10.0.0.77/24');
  assert.equal(chooseHostLocal(config, { taken: none, requested: ['10.0.0.77/24'] }).ips[0]?.address, '10.0.0.77/24');
  assert.throws(() => chooseHostLocal(config, { taken: new Set(['10.0.0.77']), requested: ['10.0.0.77'] }), {
    code: 'ADDRESS_TAKEN',
    message:
      'failed to allocate for range 0: requested IP address 10.0.0.77 is not available in range set 10.0.0.1-10.0.0.254',
  });
  assert.throws(() => chooseHostLocal(config, { taken: none, requested: ['10.0.0.1'] }), {
    message: `failed to allocate for range 0: requested ip 10.0.0.1 is subnet's gateway`,
  });
  assert.throws(() => chooseHostLocal(config, { taken: none, requested: ['10.9.0.1', '10.0.0.5'] }), {
    code: 'ADDRESS_OUTSIDE_POOL',
    message: 'failed to allocate all requested IPs: 10.9.0.1',
  });
});

test('chooseHostLocal() says which set is full', () => {
  const config = configOf({ ranges: [[{ subnet: '10.0.0.0/30' }, { subnet: '10.0.1.0/30' }]] });
  const taken = new Set(['10.0.0.2']);
  assert.equal(chooseHostLocal(config, { taken }).ips[0]?.address, '10.0.1.2/30');
  taken.add('10.0.1.2');
  assert.throws(() => chooseHostLocal(config, { taken }), {
    code: 'POOL_EXHAUSTED',
    message:
      'failed to allocate for range 0: no IP addresses available in range set: 10.0.0.1-10.0.0.2,10.0.1.1-10.0.1.2',
  });
});

test('chooseHostLocal() fills every set to the last address before it says full, wherever it begins', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 20 }),
      fc.integer({ min: 0, max: 20 }),
      (holes, begin) => {
        const config = configOf({ ranges: [[{ subnet: '10.0.0.0/29' }, { subnet: '10.0.1.0/29' }]] });
        const all = [2, 3, 4, 5, 6].flatMap(octet => [`10.0.0.${octet}`, `10.0.1.${octet}`]);
        const taken = new Set(all.filter((_, index) => !holes.includes(index)));
        const free = all.length - taken.size;
        let last: Readonly<Record<number, string>> = { 0: all[begin % all.length] ?? '' };
        const given = new Set<string>();
        for (let turn = 0; turn < free; turn++) {
          const choice = chooseHostLocal(config, { taken, last });
          const ip = choice.ips[0]?.address.split('/')[0] ?? '';
          assert.ok(!taken.has(ip) && all.includes(ip), ip);
          taken.add(ip);
          given.add(ip);
          last = choice.last;
        }
        assert.equal(given.size, free);
        assert.throws(() => chooseHostLocal(config, { taken, last }), { code: 'POOL_EXHAUSTED' });
      },
    ),
  );
});
