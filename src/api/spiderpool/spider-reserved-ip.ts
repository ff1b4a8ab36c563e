import type { KubeObject, Resource } from '../object.ts';

/** Addresses that no pool hands out, whatever its own text. Who has one keeps it. */
export interface SpiderReservedIP extends KubeObject {
  readonly spec: SpiderReservedIPSpec;
}

export interface SpiderReservedIPSpec {
  readonly ipVersion?: number;
  readonly ips?: readonly string[];
}

export const SPIDER_RESERVED_IPS: Resource<SpiderReservedIP> = {
  group: 'spiderpool.spidernet.io',
  version: 'v2beta1',
  plural: 'spiderreservedips',
  kind: 'SpiderReservedIP',
  isNamespaced: false,
};
