import type { KubeObject, Resource } from '../object.ts';
import type { SpiderRoute } from './spider-ip-pool.ts';

/** A pod's addresses by interface, as Spiderpool's users look at them. Here a view. */
export interface SpiderEndpoint extends KubeObject {
  readonly status?: SpiderEndpointStatus;
}

export interface SpiderEndpointStatus {
  readonly current: SpiderEndpointAllocation;
  readonly ownerControllerType: string;
  readonly ownerControllerName: string;
}

export interface SpiderEndpointAllocation {
  /** Of the pod. */
  readonly uid: string;
  readonly node: string;
  readonly ips: readonly SpiderEndpointAddresses[];
}

export interface SpiderEndpointAddresses {
  readonly interface: string;
  /** With prefix length. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly ipv4Pool?: string;
  readonly ipv6Pool?: string;
  readonly vlan?: number;
  readonly ipv4Gateway?: string;
  readonly ipv6Gateway?: string;
  readonly cleanGateway?: boolean;
  readonly routes?: readonly SpiderRoute[];
  readonly mac?: string;
}

export const SPIDER_ENDPOINTS: Resource<SpiderEndpoint> = {
  group: 'spiderpool.spidernet.io',
  version: 'v2beta1',
  plural: 'spiderendpoints',
  kind: 'SpiderEndpoint',
  isNamespaced: true,
};
