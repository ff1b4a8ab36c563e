import type { KubeObject, Resource } from '../object.ts';
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

/** As a subnet's, in other spelling. */
export interface KubeOvnIPPoolStatus {
  readonly conditions?: readonly KubeOvnCondition[];
  readonly v4AvailableIPs?: number;
  readonly v4UsingIPs?: number;
  readonly v6AvailableIPs?: number;
  readonly v6UsingIPs?: number;
  readonly v4AvailableIPRange?: string;
  readonly v4UsingIPRange?: string;
  readonly v6AvailableIPRange?: string;
  readonly v6UsingIPRange?: string;
}

export const KUBE_OVN_IP_POOLS: Resource<KubeOvnIPPool> = {
  group: 'kubeovn.io',
  version: 'v1',
  plural: 'ippools',
  kind: 'IPPool',
  isNamespaced: false,
};
