import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { count, formatRange, has, parseIp } from '#ip';
import type { IpamContext, WhereaboutsIpam } from '../config/ipam-config.ts';
import { parseIpam } from '../config/parse-ipam.ts';

const context = { networkName: 'lan', source: 'NAD "default/lan"' };

function poolOf(fields: Record<string, unknown>, extra: { readonly scope?: string } = {}) {
  const config = parseIpam({ type: 'whereabouts', ...fields }, { ...context, ...extra });
  assert.equal(config.dialect, 'whereabouts');
  const [pool] = config.pools;
  assert.ok(pool);
  return { ...pool, usable: pool.usable.map(interval => formatRange({ family: pool.family, ...interval })) };
}

function configOf(fields: Record<string, unknown>, extra: Partial<IpamContext> = {}): WhereaboutsIpam {
  const config = parseIpam({ type: 'whereabouts', ...fields }, { ...context, ...extra });
  assert.equal(config.dialect, 'whereabouts');
  return config;
}

/** The message behind the constant part. */
function failure(fields: Record<string, unknown>): string {
  try {
    parseIpam({ type: 'whereabouts', ...fields }, context);
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error);
    assert.equal(error.code, 'BAD_CONFIG');
    const [, rest] = error.message.split('Cannot use ipam of NAD "default/lan": ');
    return rest ?? error.message;
  }
  return 'no failure';
}

test('parseWhereabouts() reads a plain CIDR: network and broadcast are not handed out', () => {
  assert.deepEqual(poolOf({ range: '192.168.2.225/28' }), {
    ref: { dialect: 'whereabouts', kind: 'IPPool', name: '192.168.2.224-28' },
    scope: 'default',
    family: 4,
    prefixLength: 28,
    text: '192.168.2.225-192.168.2.238/28',
    usable: ['192.168.2.225-192.168.2.238'],
    order: 'lowest',
  });
});

test('parseWhereabouts() reads start-end/prefix with an exclude', () => {
  const pool = poolOf({ range: '192.168.2.225-192.168.2.230/28', exclude: ['192.168.2.226/32'] });
  assert.deepEqual(pool.usable, ['192.168.2.225-192.168.2.225', '192.168.2.227-192.168.2.230']);
  assert.equal(pool.text, '192.168.2.225-192.168.2.230/28');
  assert.equal(pool.ref.name, '192.168.2.224-28');
});

test('parseWhereabouts() never hands out the gateway', () => {
  const pool = poolOf({ range: '172.18.0.0/29', gateway: '172.18.0.3' });
  assert.deepEqual(pool.usable, ['172.18.0.1-172.18.0.2', '172.18.0.4-172.18.0.6']);
  assert.equal(pool.gateway, '172.18.0.3');
});

test('parseWhereabouts() clamps to range_start and range_end; an empty string is not set', () => {
  assert.deepEqual(poolOf({ range: '10.0.0.0/24', range_start: '10.0.0.5', range_end: '10.0.0.9' }).usable, [
    '10.0.0.5-10.0.0.9',
  ]);
  assert.deepEqual(poolOf({ range: '10.0.0.0/29', range_start: '', range_end: '', gateway: '' }).usable, [
    '10.0.0.1-10.0.0.6',
  ]);
  // The network's own address as a start means the whole range to Whereabouts.
  assert.deepEqual(poolOf({ range: '10.0.0.0/29', range_start: '10.0.0.0' }).usable, ['10.0.0.1-10.0.0.6']);
});

test('parseWhereabouts() tolerates leading zeros as decimal', () => {
  assert.deepEqual(poolOf({ range: '010.000.001.008-010.000.001.010/24' }).usable, ['10.0.1.8-10.0.1.10']);
});

test('parseWhereabouts() excludes bare addresses and prefixes, unsorted, adjacent and larger than the range', () => {
  const range = '10.0.0.0/28';
  assert.deepEqual(poolOf({ range, exclude: ['10.0.0.8/30', '10.0.0.1', '10.0.0.12/32'] }).usable, [
    '10.0.0.2-10.0.0.7',
    '10.0.0.13-10.0.0.14',
  ]);
  assert.match(
    failure({ range, exclude: ['10.0.0.0/8'] }),
    /^range is "10.0.0.0\/28", expected a range that leaves an address/,
  );
});

test('parseWhereabouts() hands out addresses that end in 0 or 255 in the midst of a range, also across it', () => {
  assert.deepEqual(poolOf({ range: '10.0.0.254-10.0.1.2/23' }).usable, ['10.0.0.254-10.0.1.2']);
  assert.deepEqual(poolOf({ range: 'fd00::fffe-fd00::1:2/64' }).usable, ['fd00::fffe-fd00::1:2']);
});

test('parseWhereabouts() ends before an exclude that reaches over the end, and begins after one over the start', () => {
  const range = '10.0.0.10-10.0.0.20/24';
  assert.deepEqual(poolOf({ range, exclude: ['10.0.0.16/28'] }).usable, ['10.0.0.10-10.0.0.15']);
  assert.deepEqual(poolOf({ range, exclude: ['10.0.0.8/30'] }).usable, ['10.0.0.12-10.0.0.20']);
});

test('parseWhereabouts() takes a large IPv6 exclude out at once', () => {
  const pool = poolOf({ range: 'fd00:1::/48', exclude: ['fd00:1::/49'] });
  assert.deepEqual(pool.usable, ['fd00:1:0:8000::-fd00:1:0:ffff:ffff:ffff:ffff:fffe']);
  assert.equal(pool.ref.name, 'fd00-1---48');
});

test('parseWhereabouts() uses every address of point-to-point prefixes', () => {
  assert.deepEqual(poolOf({ range: '10.0.0.0/31' }).usable, ['10.0.0.0-10.0.0.1']);
  assert.deepEqual(poolOf({ range: '10.0.0.7/32' }).usable, ['10.0.0.7-10.0.0.7']);
  assert.deepEqual(poolOf({ range: 'fd00::/127' }).usable, ['fd00::-fd00::1']);
});

test('parseWhereabouts() gives a network name a scope and pools of its own', () => {
  const pool = poolOf({ range: '10.0.0.0/24', network_name: 'blue' });
  assert.equal(pool.scope, 'blue');
  assert.equal(pool.ref.name, 'blue-10.0.0.0-24');
  assert.equal(poolOf({ range: '10.0.0.0/24', network_name: 'blue' }, { scope: 'lan' }).scope, 'lan');
});

test('parseWhereabouts() makes a pool of the range and of each of ipRanges, in this order', () => {
  const config = configOf({
    range: '10.1.0.0/24',
    exclude: ['10.1.0.128/25'],
    ipRanges: [
      { range: 'fd00:1::/64', range_start: 'fd00:1::10' },
      { range: '10.2.0.5-10.2.0.9/16', exclude: ['10.2.0.6'] },
    ],
    gateway: '10.1.0.1',
    network_name: 'blue',
  });
  assert.deepEqual(
    config.pools.map(({ ref, scope, family, prefixLength, text, gateway }) => [
      ref.name,
      scope,
      family,
      prefixLength,
      text,
      gateway,
    ]),
    [
      ['blue-10.1.0.0-24', 'blue', 4, 24, '10.1.0.1-10.1.0.254/24', '10.1.0.1'],
      ['blue-fd00-1---64', 'blue', 6, 64, 'fd00:1::10-fd00:1::ffff:ffff:ffff:fffe/64', undefined],
      ['blue-10.2.0.0-16', 'blue', 4, 16, '10.2.0.5-10.2.0.9/16', undefined],
    ],
  );
  assert.equal(has(config.pools[0]?.usable ?? [], parseIp('10.1.0.1').value), false);
  assert.equal(has(config.pools[0]?.usable ?? [], parseIp('10.1.0.200').value), false);
  assert.equal(count(config.pools[2]?.usable ?? []), 4n);
});

test('parseWhereabouts() gives the gateway to every range that holds it', () => {
  const config = configOf({ ipRanges: [{ range: '10.0.0.0/16' }, { range: '10.0.0.0/24' }], gateway: '10.0.0.1' });
  assert.deepEqual(
    config.pools.map(pool => [pool.gateway, has(pool.usable, parseIp('10.0.0.1').value)]),
    [
      ['10.0.0.1', false],
      ['10.0.0.1', false],
    ],
  );
});

test('parseWhereabouts() hands out what addresses lists beside the ranges, to nobody as their own', () => {
  const addresses = [
    { address: '10.0.0.5/24', gateway: '' },
    { address: 'FD00::5/64', gateway: 'fd00::1' },
  ];
  const config = configOf({ range: '10.0.0.4/30', addresses });
  assert.deepEqual(config.addresses, [{ address: '10.0.0.5/24' }, { address: 'fd00::5/64', gateway: 'fd00::1' }]);
  assert.equal(count(config.pools[0]?.usable ?? []), 1n);
  assert.deepEqual(configOf({ addresses }).pools, []);
});

test('parseWhereabouts() keeps every address unique in its scope, overlapping ranges or not', () => {
  for (const enable_overlapping_ranges of [true, false]) {
    const config = configOf({ range: '10.0.0.0/24', ipRanges: [{ range: '10.0.0.0/16' }], enable_overlapping_ranges });
    assert.deepEqual(
      config.pools.map(({ scope }) => scope),
      ['default', 'default'],
    );
  }
});

test('parseWhereabouts() accepts what steers parts that are not there', () => {
  const config = parseIpam(
    {
      type: 'whereabouts',
      range: '10.0.0.0/24',
      log_file: '/tmp/x.log',
      log_level: 'debug',
      datastore: 'kubernetes',
      kubernetes: { kubeconfig: '/etc/x' },
      leader_lease_duration: 1500,
      etcd_host: 'x',
      sleep_for_race: 1,
      reconciler_cron_expression: '0 0 * * *',
      configuration_path: '/x',
      enable_overlapping_ranges: false,
      ipRanges: [],
      addresses: null,
      routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }, { dst: '10.9.0.0/16' }],
      dns: { nameservers: ['10.0.0.53'], search: ['lan'] },
    },
    context,
  );
  assert.deepEqual(config.routes, [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }, { dst: '10.9.0.0/16' }]);
  assert.deepEqual(config.dns, { nameservers: ['10.0.0.53'], search: ['lan'] });
  assert.equal(config.networkName, 'lan');
});

test('parseWhereabouts() refuses a wrong field, naming field, value and what was expected', () => {
  const range = '10.0.0.0/24';
  const cases: readonly [Record<string, unknown>, string][] = [
    [{}, 'range is missing, expected a range like 10.0.0.0/24 or 10.0.0.5-10.0.0.9/24'],
    [
      { ipRanges: Array.from({ length: 257 }, () => ({ range })) },
      `ipRanges is [${'{"range":"10.0.0.0/24"},'.repeat(4).slice(0, 79)}..., expected at most 256 ranges: a pod gets an address of each`,
    ],
    [
      { range, network_name: 'n'.repeat(242) },
      `network_name is "${'n'.repeat(79)}..., expected at most 241 characters: IPPools are named after it`,
    ],
    [{ range: 5 }, 'range is 5, expected a range like 10.0.0.0/24 or 10.0.0.5-10.0.0.9/24'],
    [{ range: '10.0.0.0' }, 'range is "10.0.0.0", expected a range like 10.0.0.0/24 or 10.0.0.5-10.0.0.9/24'],
    [{ range: '10.0.0.0/33' }, 'range is "10.0.0.0/33", expected a range like 10.0.0.0/24 or 10.0.0.5-10.0.0.9/24'],
    [
      { range: '10.0.0.9-10.0.0.5/24' },
      'range is "10.0.0.9-10.0.0.5/24", expected a range whose end is not below its start',
    ],
    [{ range: '10.0.0.9-10.0.1.5/24' }, 'range is "10.0.0.9-10.0.1.5/24", expected both ends inside 10.0.0.0/24'],
    [
      { range, range_start: '10.0.0.9', range_end: '10.0.0.5' },
      `range_end is "10.0.0.5", expected an address not below the range's first, 10.0.0.9`,
    ],
    [
      { range, range_start: '10.0.0.255' },
      'range_start is "10.0.0.255", expected an address before the last one of the range',
    ],
    [
      { range, range_end: '10.0.0.0' },
      `range_end is "10.0.0.0", expected an address not below the range's first, 10.0.0.1`,
    ],
    [{ range, range_start: '10.0.1.5' }, 'range_start is "10.0.1.5", expected an address inside 10.0.0.0/24'],
    [{ range, range_end: 'x' }, 'range_end is "x", expected an address inside 10.0.0.0/24'],
    [
      { range: '10.0.0.5-10.0.0.9/24', range_start: '10.0.0.6' },
      'range_start is "10.0.0.6", expected nothing or "10.0.0.5", as range says',
    ],
    [
      { range, exclude: ['10.0.0.300'] },
      'exclude[0] is "10.0.0.300", expected an IPv4 address or prefix, as range is one',
    ],
    [
      { range, exclude: ['10.0.0.5', 'fd00::/64'] },
      'exclude[1] is "fd00::/64", expected an IPv4 address or prefix, as range is one',
    ],
    [{ range, exclude: '10.0.0.5' }, 'exclude is "10.0.0.5", expected a list'],
    [{ range, gateway: '10.0.1.1' }, 'gateway is "10.0.1.1", expected an address inside 10.0.0.0/24'],
    [{ range, gateway: 'fd00::1' }, 'gateway is "fd00::1", expected an address inside 10.0.0.0/24'],
    [{ range, node_slice_size: '/23' }, 'node_slice_size is "/23", expected "/24" or a longer prefix length'],
    [{ range, node_slice_size: '/33' }, 'node_slice_size is "/33", expected "/24" or a longer prefix length'],
    [{ range, node_slice_size: 'x' }, 'node_slice_size is "x", expected "/24" or a longer prefix length'],
    [{ range, node_slice_size: 26 }, 'node_slice_size is 26, expected a string'],
    [{ range, enable_overlapping_ranges: 'no' }, 'enable_overlapping_ranges is "no", expected true or false'],
    [
      { range, routes: [{ dst: '10.0.0.0' }] },
      'routes[0].dst is "10.0.0.0", expected a prefix like 10.0.0.0/8 or 0.0.0.0/0',
    ],
    [
      { range, routes: [{ dst: '::/0', gw: '10.0.0.1' }] },
      'routes[0].gw is "10.0.0.1", expected an IPv6 address, as routes[0].dst is one',
    ],
    [{ range, routes: [{}] }, 'routes[0].dst is missing, expected a string'],
    [{ range, dns: { nameservers: ['dns.lan'] } }, 'dns.nameservers[0] is "dns.lan", expected an IP address'],
    [{ range, exclude: ['10.0.1.5'] }, 'exclude[0] is "10.0.1.5", expected addresses of 10.0.0.0/24'],
    [
      { ipRanges: [{ range: 'fd00::/64', exclude: ['fd00::1', 'fd01::/64'] }] },
      'ipRanges[0].exclude[1] is "fd01::/64", expected addresses of fd00::/64',
    ],
    [
      { range, ipRanges: [{ range: 'fd00::/64', range_end: '10.0.0.9' }] },
      'ipRanges[0].range_end is "10.0.0.9", expected an address inside fd00::/64',
    ],
    [
      { ipRanges: [{ range: '10.0.0.0/31', exclude: ['10.0.0.0/31'] }] },
      'ipRanges[0].range is "10.0.0.0/31", expected a range that leaves an address beside exclude, gateway, network and broadcast',
    ],
    [{ ipRanges: [{}] }, 'ipRanges[0].range is missing, expected a range like 10.0.0.0/24 or 10.0.0.5-10.0.0.9/24'],
    [{ ipRanges: [{ range, excludes: [] }] }, 'ipRanges[0] has unknown field "excludes", expected only known ones'],
    [
      { ipRanges: [{ range }], exclude: ['10.0.0.5'] },
      'exclude is ["10.0.0.5"], expected nothing without a range beside it: each of ipRanges has its own',
    ],
    [
      { range, ipRanges: [{ range: 'fd00::/64' }], gateway: '10.0.1.1' },
      'gateway is "10.0.1.1", expected an address inside 10.0.0.0/24 or fd00::/64',
    ],
    [
      { addresses: [{ address: '10.0.0.5/24' }], gateway: '10.0.0.1' },
      'gateway is "10.0.0.1", expected nothing without a range',
    ],
    [
      { range, addresses: [{ address: '10.0.0.5' }] },
      'addresses[0].address is "10.0.0.5", expected an address with prefix length, like 10.0.0.5/24 or fd00::5/64',
    ],
    [
      { range, addresses: [{ address: '10.0.0.5/24', gateway: '10.0.1.1' }] },
      'addresses[0].gateway is "10.0.1.1", expected an address inside 10.0.0.0/24',
    ],
  ];
  for (const [fields, expected] of cases) assert.equal(failure(fields), expected);
  assert.match(
    failure({ range, rangeStart: '10.0.0.5' }),
    /^unknown field "rangeStart" is "10.0.0.5", expected only the fields type, range, range_start/,
  );
});

test('parseWhereabouts() hands out exactly the addresses between start and end less exclude, gateway and reserved ones', () => {
  const octet = fc.integer({ min: 0, max: 31 });
  fc.assert(
    fc.property(octet, octet, fc.array(octet, { maxLength: 4 }), fc.option(octet), (a, b, excluded, gateway) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      const expected = Array.from({ length: 30 }, (_, index) => index + 1).filter(
        value => value >= start && value <= end && !excluded.includes(value) && value !== gateway,
      );
      fc.pre(expected.length > 0);
      const config = parseIpam(
        {
          type: 'whereabouts',
          range: `10.0.0.${start}-10.0.0.${end}/27`,
          exclude: excluded.map(value => `10.0.0.${value}`),
          ...(gateway === null ? {} : { gateway: `10.0.0.${gateway}` }),
        },
        context,
      );
      assert.equal(config.dialect, 'whereabouts');
      const usable = config.pools[0]?.usable ?? [];
      assert.equal(count(usable), BigInt(expected.length));
      for (const value of expected) assert.ok(has(usable, parseIp(`10.0.0.${value}`).value));
    }),
  );
});
