import type { KubeObject, Resource } from './object.ts';

/**
 * A claim: one address held by one pod's attachment. The object's name is `<scope>-<address>`, and creating it is the only lock.
 * See docs/design/claims.md.
 */
export interface IPAllocation extends KubeObject {
  readonly spec: IPAllocationSpec;
}

export interface IPAllocationSpec {
  /** With prefix length: `172.18.30.131/16`. */
  readonly address: string;
  readonly gateway?: string;
  readonly pool: PoolReference;
  readonly owner: ClaimOwner;
  /** Name of the node that may release or re-own this claim. */
  readonly node: string;
  /**
   * `Sticky`: kept from pod to pod, for as long as what `owner` refers to exists. `Quarantine`: nobody's, and nobody gets it
   * for a while.
   */
  readonly policy: 'Ephemeral' | 'Sticky' | 'Quarantine';
  /** Of policy `Quarantine`. */
  readonly quarantine?: Quarantine;
  /** Another pod of the same virtual machine, to which it migrates: has the address too, and gets it when the owner's pod ends. */
  readonly heir?: ClaimHeir;
}

/** Somebody on the network has the address who has no claim to it. */
export interface Quarantine {
  /** Of whoever answered for the address. */
  readonly mac: string;
  /** When it ends, in RFC 3339. */
  readonly until: string;
}

/** The pod, of the owner's namespace, that a virtual machine migrates to. */
export interface ClaimHeir {
  readonly podName: string;
  readonly podUid: string;
  readonly node: string;
}

/** Whose pool it is: a Whereabouts range, a Spiderpool pool, ... */
export interface PoolReference {
  readonly dialect: string;
  readonly kind: string;
  readonly name: string;
}

/** A pod's attachment; without a pod (plain CNI) `podName` and `podUid` are absent and the container is the owner. */
export interface ClaimOwner {
  readonly podNamespace?: string;
  readonly podName?: string;
  readonly podUid?: string;
  readonly containerId?: string;
  /** `namespace/nad`, or the CNI network name where there is no NAD. */
  readonly network: string;
  readonly interface: string;
  /** A request can take several addresses of one family: 0, 1, ... */
  readonly slot: number;
  /** Whose the address is while pods come and go: then the pod is only who has it now, or had it last. */
  readonly ipamClaim?: IPAMClaimReference;
  /** The same, of a workload whose pods have identities of their own. */
  readonly workload?: WorkloadReference;
}

/** A workload of the pod's namespace, and no later one of its name. */
export interface WorkloadReference {
  readonly kind: 'StatefulSet' | 'VirtualMachine' | 'VirtualMachineInstance';
  readonly name: string;
  readonly uid: string;
  /** Which of its pods, where it has several: the pod's name. */
  readonly member?: string;
}

/** An IPAMClaim of the pod's namespace, and no later one of its name. */
export interface IPAMClaimReference {
  readonly name: string;
  readonly uid: string;
}

export const IP_ALLOCATIONS: Resource<IPAllocation> = {
  group: 'underlane.io',
  version: 'v1alpha1',
  plural: 'ipallocations',
  kind: 'IPAllocation',
  isNamespaced: false,
};

/** Labels of a claim: values are hashes, since label values stop at 63 characters. `labelHash` in #ipam makes them. */
export const NODE_LABEL = 'underlane.io/node';
export const POD_LABEL = 'underlane.io/pod';
export const POOL_LABEL = 'underlane.io/pool';
