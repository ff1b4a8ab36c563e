/** The ADD, DEL, CHECK, GC and STATUS pipeline over all of a pod's attachments, and the node's journal of them. */
export type { Attacher, CallContext } from './attacher.ts';
export { createAttacher } from './attacher.ts';
export type { ApiAccess, AttachDeps, Deadlines } from './deps.ts';
export { DEFAULT_DEADLINES } from './deps.ts';
export type { AttachmentRecord, EntryKey, EntryState, JournalEntry, Lease, PodRef, Segment } from './entry.ts';
export { entryId } from './entry.ts';
export type { AttachErrorCode } from './errors.ts';
export { AttachError } from './errors.ts';
export type { Journal } from './journal.ts';
export { openJournal } from './journal.ts';
export type { HostKernel } from './kernel.ts';
export type { ClusterIpam, HostLocalLeases } from './leases.ts';
export { createHostLocalLeases } from './leases.ts';
export { createNesting } from './nesting.ts';
export { podState, stateOf } from './pod.ts';
