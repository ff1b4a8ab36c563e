import type { KubeObject, Resource } from '../object.ts';
import type { SpiderAddresses } from './spider-ip-pool.ts';

/** Addresses from which pools for single workloads are made. */
export interface SpiderSubnet extends KubeObject {
  readonly spec: SpiderAddresses;
  readonly status?: SpiderSubnetStatus;
}

export interface SpiderSubnetStatus {
  /** JSON: `{"pool":{"ips":["10.6.0.10-10.6.0.12"],"application":"apps_v1_Deployment_ns_name"}}`, application only for pools that were made from it. */
  readonly controlledIPPools?: string;
  readonly totalIPCount?: number;
  /** Addresses handed to pools, not to pods. */
  readonly allocatedIPCount?: number;
}

export const SPIDER_SUBNETS: Resource<SpiderSubnet> = {
  group: 'spiderpool.spidernet.io',
  version: 'v2beta1',
  plural: 'spidersubnets',
  kind: 'SpiderSubnet',
  isNamespaced: false,
};
