import * as z from 'zod/mini';
import type { IPAMClaim, IPAMClaimCondition, IPAMClaimSpec, IPAMClaimStatus } from './ipam-claim.ts';
import { objectSchema } from './object-schema.ts';

const address = z
  .string()
  .check(z.regex(/^[0-9A-Fa-f.:]+\/[0-9]{1,3}$/, { error: 'an address with prefix length like 172.18.30.131/16' }));

const specSchema = z.object({
  network: z.string().check(z.minLength(1), z.describe('Name of the network whose addresses these are')),
  interface: z.string().check(z.minLength(1), z.describe('Interface name inside the pod')),
  ipRequests: z.exactOptional(
    z.array(address).check(z.describe('Addresses to take, with prefix length; none: whichever are free')),
  ),
}) satisfies z.ZodMiniType<IPAMClaimSpec>;

const conditionSchema = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string(),
  observedGeneration: z.exactOptional(z.int()),
}) satisfies z.ZodMiniType<IPAMClaimCondition>;

const statusSchema = z.object({
  ips: z.exactOptional(z.array(address).check(z.describe('The addresses, with prefix length'))),
  ownerPod: z.exactOptional(z.string().check(z.describe('Name of the pod that has them, or had them last'))),
  conditions: z.exactOptional(z.array(conditionSchema)),
}) satisfies z.ZodMiniType<IPAMClaimStatus>;

/** What an IPAMClaim must look like. The source of its CRD. */
export const ipamClaimSchema = objectSchema({
  spec: specSchema,
  status: z.exactOptional(statusSchema),
}) satisfies z.ZodMiniType<IPAMClaim>;
