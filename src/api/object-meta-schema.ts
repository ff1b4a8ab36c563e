import * as z from 'zod/mini';
import type { ObjectMeta } from './object.ts';

const texts = z.record(z.string(), z.string());

/** The parts of metadata that Underlane reads; the API server has checked the rest. */
export const objectMetaSchema = z.object({
  name: z.string(),
  namespace: z.exactOptional(z.string()),
  uid: z.exactOptional(z.string()),
  resourceVersion: z.exactOptional(z.string()),
  creationTimestamp: z.exactOptional(z.string()),
  deletionTimestamp: z.exactOptional(z.string()),
  labels: z.exactOptional(texts),
  annotations: z.exactOptional(texts),
  ownerReferences: z.exactOptional(
    z.array(
      z.object({
        apiVersion: z.string(),
        kind: z.string(),
        name: z.string(),
        uid: z.string(),
        controller: z.exactOptional(z.boolean()),
      }),
    ),
  ),
  finalizers: z.exactOptional(z.array(z.string())),
  generateName: z.exactOptional(z.string()),
}) satisfies z.ZodMiniType<ObjectMeta>;
