import * as z from 'zod/mini';
import type { NetworkAttachmentDefinition } from './network-attachment-definition.ts';
import { objectSchema } from './object-schema.ts';

/** A NetworkAttachmentDefinition's frame, not the CNI configuration inside. The source of its CRD, by which the API server refuses any other. */
export const networkAttachmentDefinitionSchema = objectSchema({
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
