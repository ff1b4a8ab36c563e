import type { IPAllocation } from '#api';
import { type ClaimRef, isShare } from '#ipam';
import { holdsClaim, type JournalEntry } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import type { BusyOwners } from './busy-owners.ts';

/** What the journal says about a claim: whether it may be given back. */
export interface ClaimUse {
  /** Whether a claim must not be released: a sandbox of this node is bound to it, or an ADD of its pod is under way. */
  isBound(claimName: string, owner: string | undefined): boolean;
  /**
   * Whether a claim's pod has on this node all the addresses that its ADD took, this claim not among them. What was claimed
   * for it before, and not used, is of no use to it.
   */
  isSpare(claim: IPAllocation): boolean;
  /** Whose ADDs are under way (pod uid or container): of what they have taken the journal says nothing yet. */
  busyOwners(): readonly string[];
  /** Claims in which pods of this node have a share: they are another pod's, mostly of another node. */
  shares(): readonly ClaimRef[];
}

/** @param owners of ADDs under way */
export function claimUseOf(journal: Pick<Journal, 'list'>, owners: Pick<BusyOwners, 'has' | 'list'>): ClaimUse {
  return {
    isBound: (claimName, owner) =>
      (owner !== undefined && owners.has(owner)) ||
      journal.list().some(entry => entry.state !== 'undone' && holdsClaim(entry, claimName)),
    isSpare({ metadata, spec: { owner } }) {
      if (owner.podUid === undefined || owners.has(owner.podUid)) return false;
      const entries = journal.list().filter(({ pod }) => pod?.uid === owner.podUid);
      return (
        entries.some(entry => isAbout(entry, owner.interface)) &&
        entries.every(
          entry => entry.state === 'added' && entry.plugging === undefined && !holdsClaim(entry, metadata.name),
        )
      );
    },
    busyOwners: owners.list,
    shares: () =>
      journal
        .list()
        .flatMap(({ attachments }) => attachments.flatMap(({ leases }) => leases))
        .flatMap(lease => (lease.kind === 'claim' && isShare(lease.spec) ? [lease.ref] : [])),
  };
}

/** Whether what an entry says of an interface is all: a pod's whole set says it of each, a plugin's own entry of the one that it made. */
function isAbout({ key, attachments }: JournalEntry, ifname: string): boolean {
  return key.plugin === 'underlane' || attachments.some(attachment => attachment.ifname === ifname);
}
