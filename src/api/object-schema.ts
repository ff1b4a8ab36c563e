import * as z from 'zod/mini';
import { objectMetaSchema } from './object-meta-schema.ts';

/** What an object of a kind must look like: the frame that every one has, around its own `spec` and `status`. */
export function objectSchema<Parts extends z.core.$ZodShape>(parts: Parts) {
  return z.object({
    apiVersion: z.exactOptional(z.string()),
    kind: z.exactOptional(z.string()),
    metadata: objectMetaSchema,
    ...parts,
  });
}
