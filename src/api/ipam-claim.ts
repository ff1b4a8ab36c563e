import type { KubeObject, Resource } from './object.ts';

/**
 * Addresses that outlive pods, one after the other of which refers to this object: `ipam-claim-reference` of the
 * multi-network standard 1.3. Whoever manages the workload makes it and deletes it; the addresses are ours to write.
 */
export interface IPAMClaim extends KubeObject {
  readonly spec: IPAMClaimSpec;
  readonly status?: IPAMClaimStatus;
}

export interface IPAMClaimSpec {
  /** Name of the CNI network. */
  readonly network: string;
  /** Interface name inside the pod. */
  readonly interface: string;
  /** Addresses to take, with prefix length; none: whichever are free. */
  readonly ipRequests?: readonly string[];
}

export interface IPAMClaimStatus {
  /** With prefix length. */
  readonly ips?: readonly string[];
  /** Name of the pod that has them, or had them last. */
  readonly ownerPod?: string;
  readonly conditions?: readonly IPAMClaimCondition[];
}

export interface IPAMClaimCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

export const IPAM_CLAIMS: Resource<IPAMClaim> = {
  group: 'k8s.cni.cncf.io',
  version: 'v1alpha1',
  plural: 'ipamclaims',
  kind: 'IPAMClaim',
  isNamespaced: true,
};
