import {
  IP_ALLOCATIONS,
  type IPAllocation,
  SPIDER_IP_POOLS,
  SPIDER_RESERVED_IPS,
  SPIDER_SUBNETS,
  spiderIPPoolSchema,
  spiderReservedIPSchema,
  spiderSubnetSchema,
} from '#api';
import { loadSpiderpoolObjects } from '#ipam';
import type { KnownObjects } from '../known-objects.ts';
import { type ObjectRule, objectRule } from './object-rule.ts';

/** Spiderpool's kinds that people write. */
export async function spiderpoolRules(): Promise<readonly ObjectRule[]> {
  const objects = await loadSpiderpoolObjects();
  const neighbours = (known: KnownObjects) => ({
    pools: known.list(SPIDER_IP_POOLS),
    subnets: known.list(SPIDER_SUBNETS),
  });
  return [
    objectRule({
      resource: SPIDER_IP_POOLS,
      schema: spiderIPPoolSchema,
      against: [SPIDER_IP_POOLS, SPIDER_SUBNETS, IP_ALLOCATIONS],
      check: (pool, known) => objects.validateSpiderIPPool(pool, neighbours(known)),
      checkChange: (pool, old, known) =>
        objects.validateSpiderIPPoolChange(old, pool, claimsOf(pool.metadata.name, known)),
      checkRemoval: (pool, known) => objects.validateSpiderIPPoolRemoval(pool, claimsOf(pool.metadata.name, known)),
      complete: (pool, known) => objects.defaultSpiderIPPool(pool, known.list(SPIDER_SUBNETS)),
    }),
    objectRule({
      resource: SPIDER_SUBNETS,
      schema: spiderSubnetSchema,
      against: [SPIDER_IP_POOLS, SPIDER_SUBNETS],
      check: (subnet, known) => objects.validateSpiderSubnet(subnet, neighbours(known)),
      checkChange: (subnet, old) => objects.validateSpiderSubnetChange(old, subnet),
      checkRemoval: (subnet, known) => objects.validateSpiderSubnetRemoval(subnet, known.list(SPIDER_IP_POOLS)),
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

function claimsOf(pool: string, known: KnownObjects): readonly IPAllocation[] {
  return known.list(IP_ALLOCATIONS).filter(({ spec: { pool: ref } }) => {
    return ref.dialect === 'spiderpool' && ref.kind === SPIDER_IP_POOLS.kind && ref.name === pool;
  });
}
