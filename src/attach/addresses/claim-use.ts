import { holdsClaim } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import type { BusyOwners } from './busy-owners.ts';

/** What the journal says about a claim: whether it may be given back. */
export interface ClaimUse {
  /** Whether a claim must not be released: a sandbox of this node is bound to it, or an ADD of its pod is under way. */
  isBound(claimName: string, owner: string | undefined): boolean;
  /**
   * Whether a pod (uid) of this node has all the addresses that its ADD took, this claim not among them. What was claimed
   * for it before, and not used, is of no use to it.
   */
  isSpare(claimName: string, podUid: string): boolean;
  /** Whose ADDs are under way (pod uid or container): of what they have taken the journal says nothing yet. */
  busyOwners(): readonly string[];
}

/** @param owners of ADDs under way */
export function claimUseOf(journal: Pick<Journal, 'list'>, owners: Pick<BusyOwners, 'has' | 'list'>): ClaimUse {
  return {
    isBound: (claimName, owner) =>
      (owner !== undefined && owners.has(owner)) ||
      journal.list().some(entry => entry.state !== 'undone' && holdsClaim(entry, claimName)),
    isSpare(claimName, podUid) {
      if (owners.has(podUid)) return false;
      const entries = journal.list().filter(({ pod }) => pod?.uid === podUid);
      return (
        entries.length > 0 &&
        entries.every(entry => entry.state === 'added' && entry.plugging === undefined && !holdsClaim(entry, claimName))
      );
    },
    busyOwners: owners.list,
  };
}
