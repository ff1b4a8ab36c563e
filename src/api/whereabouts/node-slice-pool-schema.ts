import * as z from 'zod/mini';
import { objectSchema } from '../object-schema.ts';
import type { NodeSlice, NodeSlicePool, NodeSlicePoolSpec, NodeSlicePoolStatus } from './node-slice-pool.ts';

/** What a NodeSlicePool must look like. The source of its CRD. */
export function nodeSlicePoolSchema() {
  const spec = z.object({
    range: z.string().check(z.describe('The range that is cut up, like 10.9.0.0/16')),
    sliceSize: z.string().check(z.describe('Prefix length of a slice, like /24')),
  }) satisfies z.ZodMiniType<NodeSlicePoolSpec>;
  const slice = z.object({
    nodeName: z.string().check(z.describe("The node whose slice it is; empty: nobody's")),
    sliceRange: z.string().check(z.describe('Network of the slice, like 10.9.1.0/24')),
  }) satisfies z.ZodMiniType<NodeSlice>;
  const status = z.object({ allocations: z.array(slice) }) satisfies z.ZodMiniType<NodeSlicePoolStatus>;
  return objectSchema({ spec, status: z.exactOptional(status) }) satisfies z.ZodMiniType<NodeSlicePool>;
}
