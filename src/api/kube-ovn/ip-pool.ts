import type { KubeObject, Resource } from '../object.ts';
import type { AddressUse, IP_POOL_USE } from './address-use.ts';
import type { KubeOvnCondition } from './subnet.ts';

/** A Kube-OVN IPPool: addresses of a subnet that only those get who name the pool, or whose namespace it is for. */
export interface KubeOvnIPPool extends KubeObject {
  readonly spec: KubeOvnIPPoolSpec;
  readonly status?: KubeOvnIPPoolStatus;
}

export interface KubeOvnIPPoolSpec {
  readonly subnet: string;
  /** Addresses, ranges `a..b` and prefixes; what of them lies outside the subnet counts for nothing. */
  readonly ips: readonly string[];
  readonly namespaces?: readonly string[];
  readonly enableAddressSet?: boolean;
}

export interface KubeOvnIPPoolStatus extends Partial<AddressUse<typeof IP_POOL_USE>> {
  readonly conditions?: readonly KubeOvnCondition[];
}

export const KUBE_OVN_IP_POOLS: Resource<KubeOvnIPPool> = {
  group: 'kubeovn.io',
  version: 'v1',
  plural: 'ippools',
  kind: 'IPPool',
  isNamespaced: false,
};
