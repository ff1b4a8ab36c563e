import * as z from 'zod/mini';
import { objectSchema } from '../object-schema.ts';
import { IP_POOL_USE } from './address-use.ts';
import { conditionsSchema } from './condition-schema.ts';
import type { KubeOvnIPPool, KubeOvnIPPoolSpec, KubeOvnIPPoolStatus } from './ip-pool.ts';
import { useShape } from './use-shape.ts';

/** What an IPPool must look like; what its texts may say is checked apart. The source of its CRD. */
export function kubeOvnIPPoolSchema() {
  const spec = z.looseObject({
    subnet: z.string().check(z.minLength(1), z.describe('Subnet that the addresses are of')),
    ips: z.array(z.string()).check(z.minLength(1), z.describe('Addresses, ranges a..b and prefixes')),
    namespaces: z.exactOptional(
      z.array(z.string()).check(z.describe('Namespaces whose pods get their addresses from here, and no others')),
    ),
    enableAddressSet: z.exactOptional(z.boolean()),
  }) satisfies z.ZodMiniType<KubeOvnIPPoolSpec>;

  const status = z.looseObject({
    conditions: z.exactOptional(conditionsSchema()),
    ...useShape(IP_POOL_USE),
  }) satisfies z.ZodMiniType<KubeOvnIPPoolStatus>;

  return objectSchema({ spec, status: z.exactOptional(status) }) satisfies z.ZodMiniType<KubeOvnIPPool>;
}
