import * as z from 'zod/mini';
import type {
  ClaimHeir,
  ClaimOwner,
  IPAllocation,
  IPAllocationSpec,
  IPAMClaimReference,
  PoolReference,
  Quarantine,
  WorkloadReference,
} from './ip-allocation.ts';
import { objectSchema } from './object-schema.ts';

const name = z.string().check(z.minLength(1), z.maxLength(253));

const poolReferenceSchema = z.object({
  dialect: name.check(z.describe('Whose configuration describes the pool: whereabouts, spiderpool, ...')),
  kind: name.check(z.describe('Kind of object that the dialect keeps its pools in')),
  name: name.check(z.describe('Name of the pool in the dialect')),
}) satisfies z.ZodMiniType<PoolReference>;

const ipamClaimReferenceSchema = z.object({ name, uid: name }) satisfies z.ZodMiniType<IPAMClaimReference>;

const workloadReferenceSchema = z.object({
  kind: z.enum(['StatefulSet', 'VirtualMachine', 'VirtualMachineInstance']),
  name,
  uid: name,
  member: z.exactOptional(name.check(z.describe('Which of its pods'))),
}) satisfies z.ZodMiniType<WorkloadReference>;

const claimOwnerSchema = z.object({
  podNamespace: z.exactOptional(name),
  podName: z.exactOptional(name),
  podUid: z.exactOptional(
    name.check(z.describe('The claim belongs to this very pod, not to a later one of the same name')),
  ),
  containerId: z.exactOptional(name.check(z.describe('The owner where there is no pod'))),
  network: z
    .string()
    .check(z.minLength(1), z.describe('namespace/name of the NetworkAttachmentDefinition, else the CNI network name')),
  interface: z.string().check(z.minLength(1), z.maxLength(15), z.describe('Interface name inside the pod')),
  slot: z.int().check(z.gte(0), z.lte(255), z.describe('Tells several addresses of one interface apart')),
  ipamClaim: z.exactOptional(
    ipamClaimReferenceSchema.check(
      z.describe("IPAMClaim of the pod's namespace that keeps the address from pod to pod"),
    ),
  ),
  workload: z.exactOptional(
    workloadReferenceSchema.check(
      z.describe("Workload of the pod's namespace that keeps the address for the next pod of the same identity"),
    ),
  ),
}) satisfies z.ZodMiniType<ClaimOwner>;

const quarantineSchema = z.object({
  mac: name.check(z.describe('Link-layer address of whoever answered for the address')),
  until: name.check(z.describe('When the quarantine ends, in RFC 3339')),
}) satisfies z.ZodMiniType<Quarantine>;

const heirSchema = z.object({
  podName: name,
  podUid: name,
  node: name,
}) satisfies z.ZodMiniType<ClaimHeir>;

const specSchema = z.object({
  address: z
    .string()
    .check(
      z.regex(/^[0-9a-f.:]+\/[0-9]{1,3}$/, { error: 'an address with prefix length like 172.18.30.131/16' }),
      z.describe('The address with its prefix length'),
    ),
  gateway: z.exactOptional(z.string().check(z.minLength(1), z.describe('Next hop that goes with the address'))),
  pool: poolReferenceSchema.check(z.describe('The pool that the address was taken from')),
  owner: claimOwnerSchema.check(z.describe('Who holds the address')),
  node: name.check(z.describe('The node that may release or re-own this claim')),
  policy: z
    .enum(['Ephemeral', 'Sticky', 'Quarantine'])
    .check(
      z.describe(
        'Ephemeral: goes with the pod. Sticky: kept for the next pod, as long as what the owner refers to exists. Quarantine: given to nobody for a while',
      ),
    ),
  quarantine: z.exactOptional(
    quarantineSchema.check(z.describe('Set when somebody on the network has the address without a claim')),
  ),
  heir: z.exactOptional(
    heirSchema.check(
      z.describe('Pod to which the virtual machine migrates: shares the address, and gets it when the owner ends'),
    ),
  ),
}) satisfies z.ZodMiniType<IPAllocationSpec>;

/** What an IPAllocation must look like. The source of its CRD, by which the API server refuses any other. */
export const ipAllocationSchema = objectSchema({ spec: specSchema }) satisfies z.ZodMiniType<IPAllocation>;
