import * as z from 'zod/mini';
import { objectSchema } from '../object-schema.ts';
import type { SpiderReservedIP } from './spider-reserved-ip.ts';
import { ipVersionShape, namesShape } from './spider-shapes.ts';

/** What a SpiderReservedIP must look like. The source of its CRD. */
export function spiderReservedIPSchema() {
  return objectSchema({
    spec: z.object({ ipVersion: ipVersionShape(), ips: namesShape('Addresses, and ranges like 10.6.0.10-10.6.0.20') }),
  }) satisfies z.ZodMiniType<SpiderReservedIP>;
}
