import type { KubeObject, Resource } from './object.ts';

/** Who may do something, or is alive, for as long as it keeps saying so (`coordination.k8s.io/v1`). */
export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Empty: given up. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** With microseconds, by the holder's clock. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  /** How often the holder has changed. */
  readonly leaseTransitions?: number;
}

export const LEASES: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  isNamespaced: true,
};

/** Where Leases of agents and controllers are unless said otherwise. */
export const LEASE_NAMESPACE = 'kube-system';

/** Name of the Lease by which a node's agent says that it is alive. */
export function agentLeaseName(node: string): string {
  return `underlane-agent-${node}`;
}
