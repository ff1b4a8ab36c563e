import {
  IP_ALLOCATIONS,
  type IPAllocation,
  SPIDER_IP_POOLS,
  SPIDER_RESERVED_IPS,
  SPIDER_SUBNETS,
  type SpiderIPPool,
  type SpiderSubnet,
  spiderIPPoolSchema,
  spiderReservedIPSchema,
  spiderSubnetSchema,
} from '#api';
import { contains, findPrefix } from '#ip';
import { DETECT_ANNOTATION, loadSpiderpoolObjects } from '#ipam';
import type { KnownObjects } from '../known-objects.ts';
import { type ObjectRule, objectRule } from './object-rule.ts';

/** Spiderpool's kinds that people write. */
export async function spiderpoolRules(): Promise<readonly ObjectRule[]> {
  const objects = await loadSpiderpoolObjects();
  const neighbours = ({ spec: { subnet } }: SpiderIPPool | SpiderSubnet, known: KnownObjects) => ({
    pools: touching(subnet, known.list(SPIDER_IP_POOLS)),
    subnets: touching(subnet, known.list(SPIDER_SUBNETS)),
  });
  return [
    objectRule({
      resource: SPIDER_IP_POOLS,
      schema: spiderIPPoolSchema,
      annotations: [DETECT_ANNOTATION],
      against: [SPIDER_IP_POOLS, SPIDER_SUBNETS, IP_ALLOCATIONS],
      check: (pool, known) => objects.validateSpiderIPPool(pool, neighbours(pool, known)),
      usersOf: claimsOf,
      checkChange: (pool, old, claims) => objects.validateSpiderIPPoolChange(old, pool, claims),
      checkRemoval: objects.validateSpiderIPPoolRemoval,
      complete: (pool, known) => objects.defaultSpiderIPPool(pool, neighbours(pool, known).subnets),
    }),
    objectRule({
      resource: SPIDER_SUBNETS,
      schema: spiderSubnetSchema,
      annotations: [DETECT_ANNOTATION],
      against: [SPIDER_IP_POOLS, SPIDER_SUBNETS],
      check: (subnet, known) => objects.validateSpiderSubnet(subnet, neighbours(subnet, known)),
      usersOf: (_subnet, known) => known.list(SPIDER_IP_POOLS),
      checkChange: (subnet, old) => objects.validateSpiderSubnetChange(old, subnet),
      checkRemoval: objects.validateSpiderSubnetRemoval,
      complete: objects.defaultSpiderSubnet,
    }),
    objectRule({
      resource: SPIDER_RESERVED_IPS,
      schema: spiderReservedIPSchema,
      check: objects.validateSpiderReservedIP,
      checkChange: (reserved, old) => objects.validateSpiderReservedIPChange(old, reserved),
      complete: objects.defaultSpiderReservedIP,
    }),
  ];
}

/** Those whose networks touch. Lists of thousands of addresses that are far from each other need not be read. */
function touching<T extends SpiderIPPool | SpiderSubnet>(subnet: string, others: readonly T[]): readonly T[] {
  const own = findPrefix(subnet);
  if (own === undefined) return [];
  return others.filter(({ spec }) => {
    const theirs = findPrefix(spec.subnet);
    return theirs !== undefined && (contains(own, theirs) || contains(theirs, own));
  });
}

function claimsOf({ metadata: { name } }: SpiderIPPool, known: KnownObjects): readonly IPAllocation[] {
  return known.list(IP_ALLOCATIONS).filter(({ spec: { pool: ref } }) => {
    return ref.dialect === 'spiderpool' && ref.kind === SPIDER_IP_POOLS.kind && ref.name === name;
  });
}
