/** What tests of objects share. */
import { type ClaimOwner, IP_ALLOCATIONS, type IPAllocation, type IPAllocationSpec } from './ip-allocation.ts';
import type { ObjectMeta } from './object.ts';
import type { ObjectProblem } from './object-problem.ts';

/** What a claim says otherwise than the one that {@link claimOn} makes. */
export interface ClaimFields extends Partial<Omit<IPAllocationSpec, 'owner'>> {
  readonly owner?: Partial<ClaimOwner>;
}

/** A claim on an address (with prefix length), as agents make them: of pod `default/web-0` on node n1. */
export function claimOn(
  address: string,
  { owner, ...fields }: ClaimFields = {},
  metadata: Partial<ObjectMeta> = {},
): IPAllocation {
  const [text = ''] = address.split('/');
  const web = { podNamespace: 'default', podName: 'web-0', podUid: 'pod-uid' };
  return {
    apiVersion: 'underlane.io/v1alpha1',
    kind: IP_ALLOCATIONS.kind,
    metadata: { name: `default-${text.replaceAll(':', '-')}`, uid: 'claim-uid', ...metadata },
    spec: {
      address,
      pool: { dialect: 'whereabouts', kind: 'IPPool', name: '10.0.0.0-24' },
      owner: { ...web, network: 'default/lan', interface: 'net1', slot: 0, ...owner },
      node: 'n1',
      policy: 'Ephemeral',
      ...fields,
    },
  };
}

export function messagesOf(problems: readonly ObjectProblem[]): readonly string[] {
  return problems.map(({ message }) => message);
}
