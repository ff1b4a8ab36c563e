import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIp } from '#ip';
import { readSubnet } from './subnet-networks.ts';
import { spell, subnetOf } from './testing.ts';

test('readSubnet() keeps network, broadcast and gateway from everybody, excludeIps from those who ask for none', () => {
  const [network] = readSubnet(
    subnetOf({ gateway: '172.17.0.1', excludeIps: ['172.17.0.0..172.17.0.10', '172.17.9.9'] }),
  ).networks;
  assert.ok(network !== undefined);
  assert.equal(spell(4, network.usable), '172.17.0.11-172.17.9.8,172.17.9.10-172.17.255.254');
  assert.equal(spell(4, network.hosts), '172.17.0.2-172.17.255.254');
});

test('readSubnet() takes the first address for the gateway, of point-to-point networks the network address', () => {
  const gatewayOf = (cidrBlock: string): readonly string[] =>
    readSubnet(subnetOf({ cidrBlock })).networks.map(({ family, gateway }) => formatIp({ family, value: gateway }));
  assert.deepEqual(gatewayOf('172.17.0.0/16'), ['172.17.0.1']);
  assert.deepEqual(gatewayOf('172.17.5.6/16'), ['172.17.0.1']);
  assert.deepEqual(gatewayOf('172.17.0.4/31'), ['172.17.0.4']);
  assert.deepEqual(gatewayOf('fd00:17::/112,172.17.0.0/16'), ['172.17.0.1', 'fd00:17::1']);
});

test('readSubnet() reads both families of cidrBlock, gateway and excludeIps', () => {
  const networks = readSubnet(
    subnetOf({
      protocol: 'Dual',
      cidrBlock: '172.17.0.0/29,fd00:17::/125',
      gateway: '172.17.0.6,fd00:17::6',
      excludeIps: ['172.17.0.2', 'fd00:17::2..fd00:17::3'],
    }),
  ).networks;
  assert.deepEqual(
    networks.map(({ family, usable }) => spell(family, usable)),
    ['172.17.0.1,172.17.0.3-172.17.0.5', 'fd00:17::1,fd00:17::4-fd00:17::5'],
  );
});

test('readSubnet() names the field, the value and what was expected', () => {
  const wrong = [
    [{ cidrBlock: '' }, 'spec.cidrBlock'],
    [{ cidrBlock: '172.17.0.0' }, 'a prefix like 10.0.0.0/16'],
    [{ cidrBlock: '172.17.0.1/32' }, 'a prefix of more than one address'],
    [{ cidrBlock: '224.0.0.0/8' }, 'unicast'],
    [{ cidrBlock: '0.0.0.0/0' }, 'unicast'],
    [{ cidrBlock: '172.17.0.0/16,172.18.0.0/16' }, 'at most one prefix of IPv4'],
    [{ gateway: '10.0.0.1' }, 'spec.gateway is "10.0.0.1", expected an address inside 172.17.0.0/16'],
    [{ gateway: 'fd00::1' }, 'inside 172.17.0.0/16'],
    [{ gateway: '172.17.255.255' }, 'not its network or broadcast address'],
    [{ gateway: '172.17.0.1,172.17.0.2' }, 'one address of IPv4'],
    [
      { excludeIps: ['172.17.0.9..172.17.0.5'] },
      'spec.excludeIps[0] is "172.17.0.9..172.17.0.5", expected a range whose end',
    ],
    [{ excludeIps: ['172.17.0.5', '172.17.0.0/24'] }, 'spec.excludeIps[1]'],
    [{ excludeIps: ['172.17.0.5..fd00::1'] }, 'a range of one family'],
  ] as const;
  for (const [spec, expected] of wrong) {
    const { networks, problems } = readSubnet(subnetOf(spec));
    assert.deepEqual(networks, [], expected);
    assert.equal(problems.length, 1, expected);
    assert.ok(problems[0]?.message.includes(expected), `${problems[0]?.message} for ${expected}`);
  }
});

test('readSubnet() only warns of what does nothing', () => {
  const { networks, problems } = readSubnet(subnetOf({ protocol: 'IPv6', excludeIps: ['10.0.0.1'] }));
  assert.equal(networks.length, 1);
  assert.deepEqual(
    problems.map(({ severity, path }) => [severity, path.join('.')]),
    [
      ['warning', 'spec.excludeIps.0'],
      ['warning', 'spec.protocol'],
    ],
  );
});

test('readSubnet() reads a Subnet of MAC addresses alone', () => {
  assert.deepEqual(readSubnet({ metadata: { name: 'x' }, spec: { protocol: 'Mac', vlan: 'v' } }), {
    networks: [],
    problems: [],
  });
  const wrong = readSubnet({
    metadata: { name: 'x' },
    spec: { protocol: 'Mac', gateway: '10.0.0.1', excludeIps: ['10.0.0.1'] },
  });
  assert.deepEqual(
    wrong.problems.map(({ path }) => path.join('.')),
    ['spec.gateway', 'spec.excludeIps'],
  );
});
