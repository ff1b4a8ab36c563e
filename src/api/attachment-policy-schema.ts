import * as z from 'zod/mini';
import type { AttachmentPolicy, AttachmentPolicySpec } from './attachment-policy.ts';
import { objectSchema } from './object-schema.ts';

const pattern = z.string().check(z.minLength(1), z.maxLength(253));

const specSchema = z.object({
  namespaces: z
    .array(pattern)
    .check(
      z.minLength(1),
      z.describe('Namespaces whose NetworkAttachmentDefinitions the policy is about; * stands for any text'),
    ),
  types: z.array(pattern).check(z.describe('Plugin types that they may use, third-party ipam types among them')),
  masters: z.array(pattern).check(z.describe('Interfaces, bridges and devices of the node that they may use')),
}) satisfies z.ZodMiniType<AttachmentPolicySpec>;

/** What an AttachmentPolicy must look like. The source of its CRD, by which the API server refuses any other. */
export const attachmentPolicySchema = objectSchema({ spec: specSchema }) satisfies z.ZodMiniType<AttachmentPolicy>;
