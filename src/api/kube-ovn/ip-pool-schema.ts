import * as z from 'zod/mini';
import { objectSchema } from '../object-schema.ts';
import { conditionsSchema } from './condition-schema.ts';
import type { KubeOvnIPPool, KubeOvnIPPoolSpec, KubeOvnIPPoolStatus } from './ip-pool.ts';

/** What an IPPool must look like; what its texts may say is checked apart. The source of its CRD. */
export function kubeOvnIPPoolSchema() {
  const text = z.exactOptional(z.string());
  const number = z.exactOptional(z.number());

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
    v4AvailableIPs: number,
    v4UsingIPs: number,
    v6AvailableIPs: number,
    v6UsingIPs: number,
    v4AvailableIPRange: text,
    v4UsingIPRange: text,
    v6AvailableIPRange: text,
    v6UsingIPRange: text,
  }) satisfies z.ZodMiniType<KubeOvnIPPoolStatus>;

  return objectSchema({ spec, status: z.exactOptional(status) }) satisfies z.ZodMiniType<KubeOvnIPPool>;
}
