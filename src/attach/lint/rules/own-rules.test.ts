import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttachmentPolicy, IPAllocation, IPAMClaim } from '#api';
import { claimOn, messagesOf } from '../../../api/testing.ts';
import { policyProblems } from './attachment-policy-problems.ts';
import { claimChangeProblems, claimProblems } from './ip-allocation-problems.ts';
import { ipamClaimChangeProblems, ipamClaimProblems } from './ipam-claim-problems.ts';

function policy(spec: Partial<AttachmentPolicy['spec']>): AttachmentPolicy {
  return { metadata: { name: 'p' }, spec: { namespaces: ['*'], types: ['*'], masters: ['*'], ...spec } };
}

test('policyProblems() finds patterns that nothing can match', () => {
  const good = { namespaces: ['team-*', '*'], types: ['macvlan', 'sriov*'], masters: ['eth1', '0000:03:02.*'] };
  assert.deepEqual(policyProblems(policy(good)), []);
  assert.deepEqual(
    messagesOf(policyProblems(policy({ namespaces: ['Team', '-a'], types: ['a/b'], masters: ['eth 1'] }))),
    [
      'spec.namespaces[0] is "Team", expected the name of a namespace, in which * stands for any text',
      'spec.namespaces[1] is "-a", expected the name of a namespace, in which * stands for any text',
      'spec.types[0] is "a/b", expected a plugin type, in which * stands for any text',
      'spec.masters[0] is "eth 1", expected an interface, bridge or device, in which * stands for any text',
    ],
  );
  const [warning] = policyProblems(policy({ types: [] }));
  assert.equal(warning?.severity, 'warning');
});

function ipamClaim(spec: Partial<IPAMClaim['spec']>, ips: readonly string[] = []): IPAMClaim {
  return { metadata: { name: 'c' }, spec: { network: 'lan', interface: 'net1', ...spec }, status: { ips } };
}

test('ipamClaimProblems() finds addresses that are none, or asked for twice', () => {
  assert.deepEqual(ipamClaimProblems(ipamClaim({ ipRequests: ['10.0.0.5/24', 'fd00::5/64'] })), []);
  assert.deepEqual(messagesOf(ipamClaimProblems(ipamClaim({ interface: 'a/b', ipRequests: ['10.0.0.500/24'] }))), [
    'spec.interface is "a/b", expected the name of an interface, of at most 15 characters',
    'spec.ipRequests[0] is "10.0.0.500/24", expected an address with prefix length like 172.18.30.131/16',
  ]);
  assert.deepEqual(messagesOf(ipamClaimProblems(ipamClaim({ ipRequests: ['fd00::5/64', 'fd00:0::5/64'] }))), [
    'spec.ipRequests[1] is "fd00:0::5/64", expected an address that is not asked for before',
  ]);
});

test('ipamClaimChangeProblems() keeps the network of an IPAMClaim that has addresses', () => {
  const held = ipamClaim({}, ['10.0.0.5/24']);
  assert.deepEqual(ipamClaimChangeProblems(ipamClaim({ network: 'other' }), ipamClaim({})), []);
  assert.deepEqual(messagesOf(ipamClaimChangeProblems(ipamClaim({ network: 'other' }), held)), [
    'spec.network is "other", expected "lan", which it holds addresses of already',
  ]);
});

function claim(name: string, spec: Partial<IPAllocation['spec']> = {}): IPAllocation {
  const whole = claimOn('10.0.0.5/24', {}, { name });
  return { ...whole, spec: { ...whole.spec, ...spec } };
}

test("claimProblems() wants a claim's name to be that of its address", () => {
  assert.deepEqual(claimProblems(claim('lan-10.0.0.5')), []);
  const six = { address: 'fd00::5/64', gateway: 'fd00::1' };
  assert.deepEqual(claimProblems(claim('lan-fd00-0000-0000-0000-0000-0000-0000-0005', six)), []);
  assert.deepEqual(messagesOf(claimProblems(claim('lan-10.0.0.6'))), [
    'metadata.name is "lan-10.0.0.6", expected the scope and spec.address, such as "lan-10.0.0.5"',
  ]);
  assert.deepEqual(messagesOf(claimProblems(claim('mine'))), [
    'metadata.name is "mine", expected the scope and spec.address, such as "default-10.0.0.5"',
  ]);
});

test('claimProblems() finds addresses of two families, and claims of nobody', () => {
  assert.deepEqual(messagesOf(claimProblems(claim('lan-10.0.0.5', { gateway: 'fd00::1' }))), [
    'spec.gateway is "fd00::1", expected an address of the same family as spec.address',
  ]);
  const owner = { network: 'lan', interface: 'net1', slot: 0 };
  assert.deepEqual(messagesOf(claimProblems(claim('lan-10.0.0.5', { owner }))), [
    "spec.owner.podUid is missing, expected a pod's UID, or a containerId beside it",
  ]);
  assert.deepEqual(claimProblems(claim('lan-10.0.0.5', { owner, policy: 'Quarantine' })), []);
  assert.deepEqual(claimProblems(claim('lan-10.0.0.5', { owner: { ...owner, containerId: 'c' } })), []);
  assert.deepEqual(messagesOf(claimProblems(claim('lan-10.0.0.5', { policy: 'Sticky' }))), [
    'spec.policy is "Sticky", expected "Ephemeral", without an ipamClaim or a workload in spec.owner',
  ]);
  const kept = { ...owner, workload: { kind: 'StatefulSet', name: 's', uid: 'u' } } as const;
  assert.deepEqual(claimProblems(claim('lan-10.0.0.5', { policy: 'Sticky', owner: kept })), []);
});

test("claimChangeProblems() keeps a claim's address", () => {
  const old = claim('lan-10.0.0.5');
  assert.deepEqual(claimChangeProblems(claim('lan-10.0.0.5', { node: 'n2' }), old), []);
  assert.deepEqual(messagesOf(claimChangeProblems(claim('lan-10.0.0.5', { address: '10.0.0.6/24' }), old)), [
    'spec.address is "10.0.0.6/24", expected "10.0.0.5/24": it does not change',
  ]);
});
