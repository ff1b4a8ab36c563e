import type { LabelSelector } from '../label-selector.ts';
import type { KubeObject, Resource } from '../object.ts';
import type { AddressUse, SUBNET_USE } from './address-use.ts';

/** A Kube-OVN subnet: the addresses that networks of one provider hand out. Fields that address management reads. */
export interface KubeOvnSubnet extends KubeObject {
  readonly spec: KubeOvnSubnetSpec;
  readonly status?: KubeOvnSubnetStatus;
}

export interface KubeOvnSubnetSpec {
  /** `<nad>.<namespace>` for addresses of other CNIs' interfaces; ending in `.ovn` or empty: an OVN switch. */
  readonly provider?: string;
  readonly protocol?: 'IPv4' | 'IPv6' | 'Dual' | 'Mac' | '';
  /** One prefix, or one of each family: `10.0.0.0/16,fd00::/112`. Host bits mean nothing. */
  readonly cidrBlock?: string;
  /** One address, or one of each family; absent: the first of the network. */
  readonly gateway?: string;
  /** Single addresses and ranges `a..b`, never handed out unless asked for by name. */
  readonly excludeIps?: readonly string[];
  readonly vlan?: string;
  readonly vpc?: string;
  readonly namespaces?: readonly string[];
  readonly namespaceSelectors?: readonly LabelSelector[];
}

export interface KubeOvnSubnetStatus extends Partial<AddressUse<typeof SUBNET_USE>> {
  readonly conditions?: readonly KubeOvnCondition[];
}

export interface KubeOvnCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime?: string;
}

export const KUBE_OVN_SUBNETS: Resource<KubeOvnSubnet> = {
  group: 'kubeovn.io',
  version: 'v1',
  plural: 'subnets',
  kind: 'Subnet',
  isNamespaced: false,
};
