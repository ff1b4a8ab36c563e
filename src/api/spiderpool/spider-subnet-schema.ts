import * as z from 'zod/mini';
import { objectSchema } from '../object-schema.ts';
import type { SpiderAddresses } from './spider-ip-pool.ts';
import { addressesShape, countShape } from './spider-shapes.ts';
import type { SpiderSubnet, SpiderSubnetStatus } from './spider-subnet.ts';

/** What a SpiderSubnet must look like. The source of its CRD. */
export function spiderSubnetSchema() {
  const spec = z.object(addressesShape()) satisfies z.ZodMiniType<SpiderAddresses>;
  const status = z.object({
    controlledIPPools: z.exactOptional(z.string().check(z.describe('Which pool has which of the addresses, as JSON'))),
    totalIPCount: countShape(),
    allocatedIPCount: countShape(),
  }) satisfies z.ZodMiniType<SpiderSubnetStatus>;
  return objectSchema({ spec, status: z.exactOptional(status) }) satisfies z.ZodMiniType<SpiderSubnet>;
}
