import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeOvnSubnetSpec } from '#api';
import { codeOf } from '#base';
import { contains, has, subtract } from '#ip';
import { defaultKubeOvnSubnet } from './default-subnet.ts';
import { readSubnet } from './subnet-networks.ts';
import { ofStatefulSet, podWith, poolOf, subnetOf, wishesOf } from './testing.ts';
import { validateKubeOvnIPPool, validateKubeOvnIPPoolChange } from './validate-ip-pool.ts';
import { validateKubeOvnSubnet, validateKubeOvnSubnetChange } from './validate-subnet.ts';

/** What somebody may write, much of it nearly right. */
const address = fc.oneof(
  fc.constantFrom(
    '172.17.0.1',
    '172.17.0.9',
    '172.17.255.255',
    'fd00::9',
    '172.17.0.5..172.17.0.9',
    '10.0.0.1',
    '',
    '..',
  ),
  fc.ipV4(),
  fc.ipV6(),
  fc.string({ maxLength: 12 }),
);
const network = fc.oneof(
  fc.constantFrom(
    '172.17.0.0/16',
    '172.17.0.4/31',
    '172.17.0.9/29',
    'fd00::/112',
    '172.17.0.0/24,fd00::/120',
    '0.0.0.0/0',
    '::/0',
  ),
  fc.string({ maxLength: 12 }),
);
const spec: fc.Arbitrary<KubeOvnSubnetSpec> = fc.record(
  {
    cidrBlock: network,
    gateway: fc.oneof(
      address,
      fc.tuple(address, address).map(pair => pair.join()),
    ),
    excludeIps: fc.array(address, { maxLength: 4 }),
    protocol: fc.constantFrom('IPv4', 'IPv6', 'Dual', 'Mac', ''),
  },
  { requiredKeys: ['cidrBlock'] },
);
const ips = fc.array(fc.oneof(address, network), { minLength: 1, maxLength: 4 });
const list = fc
  .array(address, { maxLength: 4 })
  .chain(parts => fc.constantFrom(',', ';', ', ').map(by => parts.join(by)));
const annotations = fc.record(
  {
    ip_address: list,
    ip_pool: fc.oneof(list, fc.constantFrom('pool-1', 'pool-1,pool-2', 'none')),
    ip_family: fc.constantFrom('ipv4', 'ipv6', 'IPv4', 'x'),
    logical_switch: fc.constantFrom('macvlan', 'none'),
    routes: fc.oneof(fc.json(), fc.constantFrom('[{"gw":"172.17.0.9"}]', '[]', '[{}]')),
    default_route: fc.constantFrom('true', 'false', 'x'),
  },
  { requiredKeys: [] },
);

test('readSubnet() hands out hosts of the network alone, never its gateway, and nothing where something is wrong', () => {
  fc.assert(
    fc.property(spec, fields => {
      const subnet = subnetOf(fields);
      const { networks, problems } = readSubnet(subnet);
      const isWrong = problems.some(({ severity }) => severity !== 'warning');
      if (isWrong) assert.deepEqual(networks, []);
      for (const { family, prefix, gateway, hosts, usable } of networks) {
        assert.deepEqual(subtract(usable, hosts), []);
        assert.ok(!has(hosts, gateway));
        for (const { first, last } of hosts) {
          assert.ok(contains(prefix, { family, value: first }) && contains(prefix, { family, value: last }));
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

test('defaultKubeOvnSubnet() changes what a Subnet says no more, and nothing a second time', () => {
  fc.assert(
    fc.property(spec, fields => {
      const subnet = subnetOf(fields);
      const complete = defaultKubeOvnSubnet(subnet);
      assert.deepEqual(defaultKubeOvnSubnet(complete), complete);
      assert.deepEqual(
        readSubnet(complete).networks.map(({ usable }) => usable),
        readSubnet(subnet).networks.map(({ usable }) => usable),
      );
    }),
    { numRuns: 1_000 },
  );
});

test('the rules for Subnets and IPPools find something to say, and never fail', () => {
  fc.assert(
    fc.property(spec, spec, ips, ips, (one, other, some, more) => {
      const [a, b] = [subnetOf(one, 'a'), subnetOf(other, 'b')];
      const [p, q] = [poolOf('p', some, { subnet: 'a' }), poolOf('q', more, { subnet: 'a' })];
      const said = [
        ...validateKubeOvnSubnet(a, { subnets: [a, b], networks: [] }),
        ...validateKubeOvnSubnetChange(a, b, []),
        ...validateKubeOvnIPPool(p, { subnets: [a], pools: [p, q] }),
        ...validateKubeOvnIPPoolChange(p, q, []),
      ];
      for (const { message } of said) assert.match(message, /\S/);
    }),
    { numRuns: 1_000 },
  );
});

test('kubeOvnWishes() asks for addresses of the Subnet alone, or says in its own words what is wrong', async () => {
  await fc.assert(
    fc.asyncProperty(spec, ips, annotations, fc.boolean(), async (fields, some, keys, isMember) => {
      const world = { subnets: [subnetOf(fields)], pools: [poolOf('pool-1', some)] };
      const pod = podWith(keys, isMember ? ofStatefulSet('web-1') : {});
      try {
        const { alternatives } = await wishesOf(world, { pod });
        const { networks } = readSubnet(subnetOf(fields));
        for (const { pools } of alternatives.flat()) {
          assert.ok(pools.length > 0);
          for (const { family, usable, fixable = [] } of pools) {
            const hosts = networks.find(candidate => candidate.family === family)?.hosts ?? [];
            for (const set of [usable, fixable]) assert.deepEqual(subtract(set, hosts), []);
          }
        }
      } catch (error) {
        assert.ok(
          ['BAD_ANNOTATION', 'BAD_POOL', 'NO_POOL', 'POOL_NOT_FOR_POD'].includes(codeOf(error) ?? ''),
          String(error),
        );
      }
    }),
    { numRuns: 2_000 },
  );
});
