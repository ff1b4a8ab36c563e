import type { LabelSelector } from '../label-selector.ts';
import type { KubeObject, Resource } from '../object.ts';

/** Addresses of one subnet that Spiderpool's pods may take, and who may take them. */
export interface SpiderIPPool extends KubeObject {
  readonly spec: SpiderIPPoolSpec;
  readonly status?: SpiderIPPoolStatus;
}

export interface SpiderIPPoolSpec extends SpiderAddresses {
  /** Who may use the pool; each list of names wins over its selector. */
  readonly podAffinity?: LabelSelector;
  readonly namespaceAffinity?: LabelSelector;
  readonly namespaceName?: readonly string[];
  readonly nodeAffinity?: LabelSelector;
  readonly nodeName?: readonly string[];
  /** NetworkAttachmentDefinitions, `namespace/name` or `name`. */
  readonly multusName?: readonly string[];
  /** Used by pods for which nothing else names a pool. */
  readonly default?: boolean;
  /** Hands nothing out; what is held stays held. */
  readonly disable?: boolean;
}

/** What pools and subnets say of their addresses in the same words. */
export interface SpiderAddresses {
  readonly ipVersion?: number;
  readonly subnet: string;
  /** Addresses and ranges like `10.6.0.10-10.6.0.20`. */
  readonly ips?: readonly string[];
  readonly excludeIPs?: readonly string[];
  readonly gateway?: string;
  readonly routes?: readonly SpiderRoute[];
}

export interface SpiderRoute {
  readonly dst: string;
  readonly gw: string;
}

export interface SpiderIPPoolStatus {
  /** JSON: `{"10.6.0.10":{"pod":"ns/name","podUid":"..."}}`. */
  readonly allocatedIPs?: string;
  readonly totalIPCount?: number;
  readonly allocatedIPCount?: number;
}

export const SPIDER_IP_POOLS: Resource<SpiderIPPool> = {
  group: 'spiderpool.spidernet.io',
  version: 'v2beta1',
  plural: 'spiderippools',
  kind: 'SpiderIPPool',
  isNamespaced: false,
};
