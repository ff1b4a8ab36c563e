import type { KubeObject, Resource } from '../object.ts';

/** Who holds what of a range, as Whereabouts keeps it. Here a view of the claims, and read when its data is taken over. */
export interface WhereaboutsIPPool extends KubeObject {
  readonly spec: WhereaboutsIPPoolSpec;
}

export interface WhereaboutsIPPoolSpec {
  /** The range's network: `192.168.2.224/28`. */
  readonly range: string;
  /** By the address's distance from the network address, in decimal digits. */
  readonly allocations: Readonly<Record<string, WhereaboutsAllocation>>;
}

export interface WhereaboutsAllocation {
  /** Container (sandbox) ID. */
  readonly id: string;
  /** `namespace/name`. Definitions made before Whereabouts 0.6 do not ask for it. */
  readonly podref?: string;
  /** Definitions made before Whereabouts 0.7 drop it. */
  readonly ifname?: string;
}

export const WHEREABOUTS_IP_POOLS: Resource<WhereaboutsIPPool> = {
  group: 'whereabouts.cni.cncf.io',
  version: 'v1alpha1',
  plural: 'ippools',
  kind: 'IPPool',
  isNamespaced: true,
};
