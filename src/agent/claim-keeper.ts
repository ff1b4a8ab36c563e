import { type IPAllocation, type Pod, stateOf } from '#api';
import { type Clock, type Log, messageOf } from '#base';
import { type ClaimRef, isImported, isQuarantined, isSameOwner, mayUse, type Releaser } from '#ipam';
import type { CacheChange, WatchCache } from '#kube';
import { createHolder } from './create-holder.ts';

export interface ClaimKeeper {
  /** Looks at one owner's claims (pod uid or container) again: an ADD of its has ended, one way or the other. */
  judgeOwner(owner: string): void;
  stop(): void;
}

/** How soon after an IPAMClaim, or the end of a quarantine, its addresses go, when no pod has them. */
const KEPT_LOOK_MS = 60_000;

export interface ClaimKeeperOptions {
  /** Claims of this node. */
  readonly claims: WatchCache<IPAllocation>;
  /** Pods of this node. */
  readonly pods: WatchCache<Pod>;
  readonly isBound: (claimName: string, owner: string | undefined) => boolean;
  readonly isSpare: (claim: IPAllocation) => boolean;
  /** Owners whose ADDs are under way. */
  readonly busyOwners: () => readonly string[];
  readonly shares: () => readonly ClaimRef[];
  readonly releaser: Releaser;
  /** Makes missing claims again, see Attacher. */
  readonly reassert: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Gives back this node's claims that no sandbox is bound to once their pod is gone, terminating or finished, or has started
 * without them. Level-triggered:
 * whatever was missed is seen at the next relist. Only asks; the releaser judges again before it deletes.
 */
export function keepClaims(options: ClaimKeeperOptions): ClaimKeeper {
  const { claims, pods, isBound, isSpare, busyOwners, shares, releaser, reassert, clock, log, signal } = options;

  function judge(candidates: readonly IPAllocation[]): void {
    const orphans = candidates.filter(isOrphan);
    const free = orphans.filter(claim => !isBound(claim.metadata.name, ownerOf(claim)));
    // A container's is bound for as long as it lives; a pod's that has ended only until its sandboxes have.
    mustLookAgain ||= orphans.some(claim => claim.spec.owner.podUid !== undefined && !free.includes(claim));
    watchKept();
    const refs = free.map(claim => ({ name: claim.metadata.name, uid: claim.metadata.uid ?? '' }));
    if (refs.length === 0) return;
    releaser
      .enqueue(refs)
      .catch((error: unknown) => log.error({ error: messageOf(error) }, 'Cannot queue claims for release'));
  }

  /**
   * There are claims of ended pods that sandboxes still use, perhaps not by a journal that names these very objects; or claims
   * of which nobody could tell, since the pods were not known.
   */
  let mustLookAgain = false;

  /**
   * Nobody tells a node that an IPAMClaim has gone, or that a quarantine is over, or that an address is in no sandbox any more
   * whose claim was made anew, or that a claim of another node has gone in which a pod has a share: they are looked at for as
   * long as there are any.
   */
  async function lookAtKept(): Promise<void> {
    for (;;) {
      await clock.sleep(KEPT_LOOK_MS, signal);
      const waiting = mustLookAgain ? claims.list() : claims.list().filter(isKept);
      const isSharing = hasShares();
      if (waiting.length === 0 && !isSharing) return;
      mustLookAgain = false;
      if (isSharing) hold();
      judge(waiting);
    }
  }

  /** In claims of which this node's watch does not tell. */
  function hasShares(): boolean {
    return shares().some(({ name, uid }) => claims.find({ name })?.metadata.uid !== uid);
  }

  let isLooking = false;

  function watchKept(): void {
    if (isLooking || !(mustLookAgain || claims.list().some(isKept) || hasShares())) return;
    isLooking = true;
    // Rejects only on abort.
    const ended = (): void => {
      isLooking = false;
    };
    lookAtKept().then(ended, ended);
  }

  /** Owners that may have lost a claim while an ADD that counts on it was under way: no entry said so then. */
  const losers = new Set<string>();

  function look(owner: string): void {
    if (losers.delete(owner)) hold();
    releaser.podChanged(owner);
    judge(claims.list().filter(claim => ownerOf(claim) === owner));
  }

  function isOrphan(claim: IPAllocation): boolean {
    if (isQuarantined(claim, clock.now())) return false;
    const { podUid, podName, podNamespace } = claim.spec.owner;
    if (podUid === undefined || podName === undefined) return true;
    if (!isImported(claim) && isSpare(claim)) return true;
    if (!pods.isFresh) {
      mustLookAgain = true;
      return false;
    }
    const pod = pods.find({ name: podName, ...(podNamespace === undefined ? {} : { namespace: podNamespace }) });
    return pod?.metadata.uid !== podUid || !mayUse(claim, stateOf(pod));
  }

  /** A claim, and what its workload's former pod had, which the next one may have left for it. */
  function withFormer(claim: IPAllocation): readonly IPAllocation[] {
    const { owner } = claim.spec;
    if (owner.workload === undefined) return [claim];
    return [
      claim,
      ...claims.list().filter(({ spec }) => spec.owner.podUid !== owner.podUid && isSameOwner(spec.owner, owner)),
    ];
  }

  const hold = createHolder({ reassert, clock, log, signal });

  const stops = [
    claims.subscribe(change => {
      if (change.type === 'relisted') judge(claims.list());
      // One whose ADD was given up while it was being made, perhaps after its pod had gone: nobody else will ask.
      else if (change.type !== 'deleted') judge(withFormer(change.object));
      // A bound claim that was taken away, and every claim after the API server's memory was replaced (restored from a backup).
      const former = takenAway(change);
      const isLost = former !== undefined && isBound(former.metadata.name, ownerOf(former));
      if (change.type === 'deleted') releaser.forget(change.object.metadata.uid ?? '');
      if (isLost) losers.add(ownerOf(former) ?? '');
      // Nobody tells of a claim that was made and deleted between two lists.
      if (change.type === 'relisted') for (const owner of busyOwners()) losers.add(owner);
      if (change.type === 'relisted' || isLost) hold();
    }),
    pods.subscribe(change => {
      if (change.type === 'relisted') judge(claims.list());
      else if (change.type === 'deleted' || stateOf(change.object) !== 'live') {
        look(change.object.metadata.uid ?? '');
      }
    }),
  ];
  return {
    judgeOwner: look,
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** The claim as it was: deleted, or put into quarantine, which makes it nobody's, by what a former agent had sent. */
function takenAway(change: CacheChange<IPAllocation>): IPAllocation | undefined {
  if (change.type === 'deleted') return change.object;
  if (change.type === 'put' && change.object.spec.policy === 'Quarantine') return change.previous ?? change.object;
  return undefined;
}

function isKept(claim: IPAllocation): boolean {
  return claim.spec.policy !== 'Ephemeral';
}

function ownerOf(claim: IPAllocation): string | undefined {
  return claim.spec.owner.podUid ?? claim.spec.owner.containerId;
}
