import { codeOf } from '#base';
import type { ClaimRef } from '#ipam';
import { entryId, type JournalEntry } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';

/**
 * Claims that were the pod's before a failed ADD and that it has to give back all the same: those that it found while another of
 * its addresses was not to be had. All of a pod's addresses, or none: of two pods that each had half of what both need,
 * neither would ever start. What is kept from pod to pod stays, and so does what another sandbox of the pod uses.
 */
export function halfMet(entry: JournalEntry, journal: Pick<Journal, 'list'>, cause: unknown): readonly ClaimRef[] {
  if (codeOf(cause) !== 'POOL_EXHAUSTED') return [];
  const others = journal
    .list()
    .filter(other => entryId(other.key) !== entryId(entry.key))
    .flatMap(({ attachments }) => attachments.flatMap(({ leases }) => leases));
  const used = new Set(others.flatMap(lease => (lease.kind === 'claim' ? [lease.ref.uid] : [])));
  return entry.attachments.flatMap(({ leases }) =>
    leases.flatMap(lease =>
      lease.kind === 'claim' && lease.spec.policy === 'Ephemeral' && !used.has(lease.ref.uid) ? [lease.ref] : [],
    ),
  );
}
