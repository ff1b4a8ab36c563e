import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAllocation, KubeOvnSubnetSpec, NetworkAttachmentDefinition } from '#api';
import { claimOn, messagesOf } from '../../../api/testing.ts';
import {
  claimsOfPool,
  claimsOfSubnet,
  defaultKubeOvnSubnet,
  validateKubeOvnIPPool,
  validateKubeOvnIPPoolChange,
  validateKubeOvnIPPoolRemoval,
  validateKubeOvnSubnet,
  validateKubeOvnSubnetChange,
  validateKubeOvnSubnetRemoval,
} from './objects.ts';
import { poolOf, subnetOf } from './testing.ts';

const NOBODY = { subnets: [], networks: [] };

test('validateKubeOvnSubnet() finds overlapping Subnets of one scope, and none of networks that never meet', () => {
  const lan = subnetOf({ provider: 'lan.default', cidrBlock: '172.17.5.0/24' }, 'lan');
  const [problem] = validateKubeOvnSubnet(lan, { subnets: [lan, subnetOf()], networks: [] });
  assert.match(
    problem?.message ?? '',
    /^spec\.cidrBlock is "172\.17\.5\.0\/24", expected a network of its own: Subnet macvlan has 172\.17\.0\.0\/16/,
  );
  const networks = [networkOf('lan', 'vlan-10')];
  assert.deepEqual(validateKubeOvnSubnet(lan, { subnets: [subnetOf()], networks }), []);
  assert.equal(
    validateKubeOvnSubnet(lan, { subnets: [subnetOf()], networks: [networkOf('lan', 'x'), networkOf('macvlan', 'x')] })
      .length,
    1,
  );
});

test("validateKubeOvnSubnet() leaves OVN networks' Subnets to Kube-OVN", () => {
  for (const provider of ['', 'ovn', 'attachnet.default.ovn']) {
    assert.deepEqual(
      validateKubeOvnSubnet(subnetOf({ provider, cidrBlock: 'x' }), { ...NOBODY, subnets: [subnetOf({}, 'b')] }),
      [],
    );
  }
  assert.equal(validateKubeOvnSubnet(subnetOf({ provider: 'macvlan.myovn', cidrBlock: 'x' }), NOBODY).length, 1);
  const ovn = subnetOf({ provider: 'ovn' }, 'ovn-default');
  assert.deepEqual(validateKubeOvnSubnet(subnetOf(), { subnets: [ovn], networks: [] }), []);
});

test('validateKubeOvnSubnetChange() protects addresses in use, and lets them be excluded', () => {
  const claims = [claimOf('172.17.0.9'), claimOf('172.17.200.9')];
  const change = (spec: KubeOvnSubnetSpec) =>
    messagesOf(validateKubeOvnSubnetChange(subnetOf(), subnetOf(spec), claims));
  assert.deepEqual(change({ excludeIps: ['172.17.0.9'] }), []);
  assert.match(
    change({ cidrBlock: '172.17.0.0/24' })[0] ?? '',
    /^spec\.cidrBlock is .* holders: 172\.17\.200\.9 by Pod default\/web-0$/,
  );
  assert.match(
    change({ gateway: '172.17.0.9' })[0] ?? '',
    /^spec\.gateway is "172\.17\.0\.9", .*172\.17\.0\.9 by Pod default\/web-0/,
  );
  assert.match(
    change({ provider: 'other.default' })[0] ?? '',
    /^spec\.provider is "other\.default", expected macvlan\.default/,
  );
  assert.deepEqual(validateKubeOvnSubnetChange(subnetOf(), subnetOf({ cidrBlock: '10.0.0.0/8' }), []), []);
});

test('validateKubeOvnSubnetRemoval() names those who hold addresses', () => {
  const claims = Array.from({ length: 5 }, (_, index) => claimOf(`172.17.0.${index + 10}`));
  const [problem] = validateKubeOvnSubnetRemoval(subnetOf(), claims);
  assert.match(
    problem?.message ?? '',
    /^Subnet macvlan is deleted, expected .*: 172\.17\.0\.10 by Pod default\/web-0, .* and 2 more$/,
  );
  assert.deepEqual(validateKubeOvnSubnetRemoval(subnetOf(), []), []);
});

test('claimsOfSubnet() and claimsOfPool() find the addresses in use, however they came to be taken', () => {
  const claims = [claimOf('172.17.0.9'), claimOf('172.17.0.10'), claimOf('172.17.0.10', 'other')];
  assert.deepEqual(claimsOfSubnet('macvlan', claims), claims.slice(0, 2));
  assert.deepEqual(claimsOfPool(poolOf('a', ['172.17.0.10..172.17.0.20']), claims), claims.slice(1, 2));
});

test('validateKubeOvnIPPool() finds shared addresses, the gateway, and what the Subnet has not', () => {
  const others = { subnets: [subnetOf()], pools: [poolOf('b', ['172.17.0.20..172.17.0.30'])] };
  const check = (...ips: string[]) => validateKubeOvnIPPool(poolOf('a', ips), others);
  assert.deepEqual(check('172.17.0.10..172.17.0.19', '172.17.0.0/30'), []);
  assert.match(
    messagesOf(check('172.17.0.25..172.17.0.40'))[0] ?? '',
    /addresses of its own: IPPool b has 172\.17\.0\.25-172\.17\.0\.30 too/,
  );
  assert.match(
    messagesOf(check('172.17.0.1'))[0] ?? '',
    /^spec\.ips\[0\] is "172\.17\.0\.1", expected addresses without the gateway/,
  );
  const [outside] = check('10.0.0.1');
  assert.equal(outside?.severity, 'warning');
  const [missing] = validateKubeOvnIPPool(poolOf('a', ['172.17.0.9'], { subnet: 'none' }), others);
  assert.deepEqual([missing?.severity, missing?.path], ['warning', ['spec', 'subnet']]);
});

test('validateKubeOvnIPPool() looks at 5,000 entries among 100 IPPools', () => {
  const ips = Array.from({ length: 5000 }, (_, index) => `172.17.${index >> 7}.${(index & 127) * 2}`);
  const pools = Array.from({ length: 100 }, (_, index) => poolOf(`p${index}`, [`172.17.${100 + index}.0/24`]));
  assert.deepEqual(validateKubeOvnIPPool(poolOf('big', ips), { subnets: [subnetOf()], pools }), []);
});

test('validateKubeOvnIPPoolChange() keeps the Subnet, and the addresses in use', () => {
  const claims = [claimOf('172.17.0.9')];
  const old = poolOf('a', ['172.17.0.5..172.17.0.9']);
  const change = (ips: readonly string[], subnet = 'macvlan') =>
    messagesOf(validateKubeOvnIPPoolChange(old, poolOf('a', ips, { subnet }), claims));
  assert.deepEqual(change(['172.17.0.9']), []);
  assert.match(
    change(['172.17.0.5..172.17.0.8'])[0] ?? '',
    /^spec\.ips lacks addresses, .*172\.17\.0\.9 by Pod default\/web-0/,
  );
  assert.match(change(['172.17.0.9'], 'b')[0] ?? '', /^spec\.subnet is "b", expected macvlan: it is not changeable/);
  assert.equal(validateKubeOvnIPPoolRemoval(old, claims).length, 1);
  assert.deepEqual(validateKubeOvnIPPoolRemoval(old, []), []);
});

test('defaultKubeOvnSubnet() writes what Kube-OVN writes back, once', () => {
  const subnet = subnetOf({
    cidrBlock: '172.17.5.6/16,fd00:17::5/112',
    excludeIps: ['172.17.0.5..172.17.0.9', '172.17.0.2..172.17.0.4', 'fd00:17::9'],
  });
  const completed = defaultKubeOvnSubnet(subnet);
  assert.deepEqual(completed.spec, {
    provider: 'macvlan.default',
    protocol: 'Dual',
    cidrBlock: '172.17.0.0/16,fd00:17::/112',
    gateway: '172.17.0.1,fd00:17::1',
    excludeIps: ['172.17.0.1..172.17.0.9', 'fd00:17::1', 'fd00:17::9'],
  });
  assert.deepEqual(defaultKubeOvnSubnet(completed), completed);
  // What it excludes of a family that it may get later stays as somebody wrote it.
  const single = defaultKubeOvnSubnet(subnetOf({ excludeIps: ['fd00:17::9 .. fd00:17::a', '172.17.0.1'] }));
  assert.deepEqual(single.spec.excludeIps, ['172.17.0.1', 'fd00:17::9 .. fd00:17::a']);
  assert.deepEqual(defaultKubeOvnSubnet(single), single);
  for (const other of [subnetOf({ provider: 'ovn' }), subnetOf({ cidrBlock: 'x' })]) {
    assert.equal(defaultKubeOvnSubnet(other), other);
  }
});

function claimOf(address: string, subnet = 'macvlan'): IPAllocation {
  return claimOn(`${address}/16`, { pool: { dialect: 'kube-ovn', kind: 'Subnet', name: subnet } });
}

function networkOf(name: string, scope: string): NetworkAttachmentDefinition {
  return {
    metadata: { name, namespace: 'default', annotations: { 'underlane.io/scope': scope } },
    spec: { config: '' },
  };
}
