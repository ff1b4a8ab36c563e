import * as z from 'zod/mini';
import { objectSchema } from '../object-schema.ts';
import type { SpiderEndpoint, SpiderEndpointAddresses, SpiderEndpointStatus } from './spider-endpoint.ts';
import { routesShape } from './spider-shapes.ts';

/** What a SpiderEndpoint must look like. The source of its CRD. */
export function spiderEndpointSchema() {
  const text = z.exactOptional(z.string());
  const addresses = z.object({
    interface: z.string(),
    ipv4: text,
    ipv6: text,
    ipv4Pool: text,
    ipv6Pool: text,
    vlan: z.exactOptional(z._default(z.int().check(z.gte(0), z.lte(4094)), 0)),
    ipv4Gateway: text,
    ipv6Gateway: text,
    cleanGateway: z.exactOptional(z.boolean()),
    routes: routesShape('Routes beside the default one'),
    mac: text,
  }) satisfies z.ZodMiniType<SpiderEndpointAddresses>;
  const status = z.object({
    current: z.object({ uid: z.string(), node: z.string(), ips: z.array(addresses) }),
    ownerControllerType: z.string(),
    ownerControllerName: z.string(),
  }) satisfies z.ZodMiniType<SpiderEndpointStatus>;
  return objectSchema({ status: z.exactOptional(status) }) satisfies z.ZodMiniType<SpiderEndpoint>;
}
