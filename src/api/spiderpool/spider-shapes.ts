import * as z from 'zod/mini';
import type { SpiderRoute } from './spider-ip-pool.ts';

/** Address family; follows from the addresses where it is not given. */
export function ipVersionShape() {
  return z.exactOptional(z.literal([4, 6]).check(z.meta({ type: 'integer' })));
}

/** A number of addresses. */
export function countShape() {
  return z.exactOptional(z.int().check(z.gte(0)));
}

/** A list of texts. */
export function namesShape(description: string) {
  return z.exactOptional(z.array(z.string()).check(z.describe(description)));
}

/** Routes of a pod. */
export function routesShape(description: string) {
  const route = z.object({ dst: z.string(), gw: z.string() }) satisfies z.ZodMiniType<SpiderRoute>;
  return z.exactOptional(z.array(route).check(z.describe(description)));
}

/** What pools and subnets say of their addresses in the same words. */
export function addressesShape() {
  return {
    ipVersion: ipVersionShape(),
    subnet: z.string().check(z.describe('The network that the addresses lie in, like 172.18.0.0/16')),
    ips: namesShape('Addresses to hand out, and ranges like 172.18.30.131-172.18.30.140'),
    excludeIPs: namesShape('Addresses of ips that are not handed out'),
    gateway: z.exactOptional(z.string().check(z.describe('Next hop of the default route'))),
    routes: routesShape('Further routes of the pods, no default ones'),
  };
}
