import * as z from 'zod/mini';
import { objectSchema } from '../object-schema.ts';
import type { WhereaboutsAllocation, WhereaboutsIPPool, WhereaboutsIPPoolSpec } from './whereabouts-ip-pool.ts';

/** What an IPPool of Whereabouts must look like. The source of its CRD. */
export function whereaboutsIPPoolSchema() {
  const allocation = z.object({
    id: z.string().check(z.describe('Container (sandbox) ID; where only the pod is known, its UID')),
    podref: z.string().check(z.describe('namespace/name of the pod')),
    ifname: z.exactOptional(z.string().check(z.describe('Interface name inside the pod'))),
  }) satisfies z.ZodMiniType<WhereaboutsAllocation>;
  const spec = z.object({
    range: z.string().check(z.describe("The range's network, like 192.168.2.224/28")),
    allocations: z
      .record(z.string(), allocation)
      .check(z.describe("By the address's distance from the network address, in decimal digits")),
  }) satisfies z.ZodMiniType<WhereaboutsIPPoolSpec>;
  return objectSchema({ spec }) satisfies z.ZodMiniType<WhereaboutsIPPool>;
}
