import * as z from 'zod/mini';
import type { NetworkAttachmentDefinition } from './network-attachment-definition.ts';
import { objectMetaSchema } from './object-meta-schema.ts';

/** Checks a NetworkAttachmentDefinition's frame, not the CNI configuration inside; also the source of its CRD. */
export const networkAttachmentDefinitionSchema = z.object({
  apiVersion: z.exactOptional(z.string()),
  kind: z.exactOptional(z.string()),
  metadata: objectMetaSchema,
  spec: z.exactOptional(
    z.object({
      config: z.exactOptional(
        z
          .string()
          .check(z.describe('A CNI configuration or configuration list as JSON text; absent: a file of the node')),
      ),
    }),
  ),
}) satisfies z.ZodMiniType<NetworkAttachmentDefinition>;
