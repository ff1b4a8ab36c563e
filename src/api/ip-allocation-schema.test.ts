import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as z from 'zod/mini';
import type { AttachmentPolicy } from './attachment-policy.ts';
import type { attachmentPolicySchema } from './attachment-policy-schema.ts';
import { formatIssues } from './format-issues.ts';
import type { IPAllocation } from './ip-allocation.ts';
import { ipAllocationSchema } from './ip-allocation-schema.ts';
import type { IPAMClaim } from './ipam-claim.ts';
import { ipamClaimSchema } from './ipam-claim-schema.ts';
import type { NetworkAttachmentDefinition } from './network-attachment-definition.ts';
import { networkAttachmentDefinitionSchema } from './network-attachment-definition-schema.ts';

const claim: IPAllocation = {
  apiVersion: 'underlane.io/v1alpha1',
  kind: 'IPAllocation',
  metadata: { name: 'default-172.18.30.131', labels: { 'underlane.io/node': 'abc' } },
  spec: {
    address: '172.18.30.131/16',
    gateway: '172.18.0.1',
    pool: { dialect: 'whereabouts', kind: 'IPPool', name: '172.18.0.0-16' },
    owner: {
      podNamespace: 'default',
      podName: 'web-0',
      podUid: 'u',
      network: 'kube-system/lan',
      interface: 'eth0',
      slot: 0,
    },
    node: 'n1',
    policy: 'Ephemeral',
  },
};

test('ipAllocationSchema accepts a claim and gives it back unchanged', () => {
  assert.deepEqual(ipAllocationSchema.parse(claim), claim);
});

test('ipAllocationSchema names what a hand-written claim got wrong', () => {
  const wrong = {
    ...claim,
    spec: { ...claim.spec, address: '172.18.30.131', owner: { ...claim.spec.owner, slot: -1 } },
  };
  const parsed = ipAllocationSchema.safeParse(wrong, { reportInput: true });
  assert.ok(parsed.error);
  assert.equal(
    formatIssues('IPAllocation "default-172.18.30.131"', parsed.error),
    'Cannot use IPAllocation "default-172.18.30.131": spec.address is "172.18.30.131", expected an address with prefix length like 172.18.30.131/16; spec.owner.slot is -1, expected at least 0',
  );
});

test('networkAttachmentDefinitionSchema accepts a definition with and without a config', () => {
  for (const spec of [{ config: '{}' }, {}]) {
    assert.deepEqual(networkAttachmentDefinitionSchema.parse({ metadata: { name: 'lan' }, spec }), {
      metadata: { name: 'lan' },
      spec,
    });
  }
  assert.equal(
    networkAttachmentDefinitionSchema.safeParse({ metadata: { name: 'lan' }, spec: { config: {} } }).success,
    false,
  );
});

test('ipamClaimSchema accepts what workload controllers and other IPAMs write', () => {
  const kept: IPAMClaim = {
    metadata: { name: 'vm1.lan', namespace: 'shop' },
    spec: { network: 'lan', interface: 'pod16367aacb67', ipRequests: ['10.0.0.5/24', 'FD00::5/64'] },
    status: {
      ips: ['10.0.0.5/24'],
      ownerPod: 'virt-launcher-vm1-x2x7k',
      conditions: [
        {
          type: 'IPsAllocated',
          status: 'True',
          reason: 'Done',
          message: '',
          lastTransitionTime: '2025-01-01T00:00:00Z',
        },
      ],
    },
  };
  assert.deepEqual(ipamClaimSchema.parse(kept), kept);
  assert.deepEqual(
    ipamClaimSchema.parse({ metadata: kept.metadata, spec: { network: 'lan', interface: 'net1' } }).status,
    undefined,
  );
});

/** Compiles only while schemas and hand-written types say the same, in both directions. */
export type SchemasMatchTypes = [
  Same<ReadonlyDeep<z.infer<typeof ipAllocationSchema>>, IPAllocation>,
  Same<ReadonlyDeep<z.infer<typeof ipamClaimSchema>>, IPAMClaim>,
  Same<ReadonlyDeep<z.infer<typeof attachmentPolicySchema>>, AttachmentPolicy>,
  Same<ReadonlyDeep<z.infer<typeof networkAttachmentDefinitionSchema>>, NetworkAttachmentDefinition>,
];
type Same<A extends B, B extends C, C = A> = [A, B, C];
type ReadonlyDeep<T> = T extends object ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> } : T;
