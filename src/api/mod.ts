/** Kubernetes objects that Underlane reads or writes: types, resources, schemas, CRDs. */
export type { AttachmentPolicy, AttachmentPolicySpec } from './attachment-policy.ts';
export { ATTACHMENT_POLICIES } from './attachment-policy.ts';
export { attachmentPolicySchema } from './attachment-policy-schema.ts';
export type { Event, Pod } from './core.ts';
export { EVENTS, PODS } from './core.ts';
export type { Crd, PrinterColumn } from './crd.ts';
export { listCrds } from './crd.ts';
export { formatIssues } from './format-issues.ts';
export type { ClaimOwner, IPAllocation, IPAllocationSpec, PoolReference } from './ip-allocation.ts';
export { IP_ALLOCATIONS, NODE_LABEL, POD_LABEL, POOL_LABEL } from './ip-allocation.ts';
export { ipAllocationSchema } from './ip-allocation-schema.ts';
export type { NetworkAttachmentDefinition } from './network-attachment-definition.ts';
export { NETWORK_ATTACHMENT_DEFINITIONS } from './network-attachment-definition.ts';
export { networkAttachmentDefinitionSchema } from './network-attachment-definition-schema.ts';
export type { KubeObject, ObjectMeta, OwnerReference, Resource } from './object.ts';
export type { PodState } from './pod-state.ts';
export { stateOf } from './pod-state.ts';
