import type { IPAllocation } from '#api';
import type { Clock } from '#base';
import type { WatchCache } from '#kube';

/**
 * This node's claims: the watch cache, corrected by what this process did and the watch has not yet told. Without the
 * correction a claim that was just released would look held, and one that was just taken would look missing.
 */
export interface OwnClaims {
  list(): readonly IPAllocation[];
  /** Remembers an object that the API server just gave us. */
  noteTaken(object: IPAllocation): void;
  /** Remembers that a DELETE for this very object was or is about to be sent: it may be gone at any moment. */
  noteReleased(uid: string): void;
  /** The DELETE was refused: the object stays. */
  noteKept(uid: string): void;
  isReleased(uid: string): boolean;
}

/** Longer than any watch lags behind that still counts as fresh. */
const TAKEN_MEMORY_MS = 10_000;
/** Longer than a DELETE whose answer was lost can still be under way. */
const RELEASED_MEMORY_MS = 300_000;

/** Follows `cache` from now on, for as long as it lives. */
export function createOwnClaims(cache: WatchCache<IPAllocation>, clock: Clock): OwnClaims {
  const taken = new Map<string, { readonly object: IPAllocation; readonly until: number }>();
  const released = new Map<string, number>();

  cache.subscribe(change => {
    if (change.type !== 'relisted') taken.delete(change.object.metadata.uid ?? '');
  });

  function forgetOld(): void {
    const now = clock.now();
    for (const [uid, { until }] of taken) if (until <= now) taken.delete(uid);
    for (const [uid, until] of released) if (until <= now) released.delete(uid);
  }

  return {
    list() {
      forgetOld();
      const known = cache.list();
      const uids = new Set(known.map(({ metadata }) => metadata.uid));
      const added = [...taken.values()].map(({ object }) => object).filter(({ metadata }) => !uids.has(metadata.uid));
      return [...known, ...added].filter(({ metadata }) => !released.has(metadata.uid ?? ''));
    },
    noteTaken(object) {
      const uid = object.metadata.uid ?? '';
      released.delete(uid);
      if (cache.find({ name: object.metadata.name })?.metadata.uid === uid) return;
      taken.set(uid, { object, until: clock.now() + TAKEN_MEMORY_MS });
    },
    noteReleased(uid) {
      forgetOld();
      taken.delete(uid);
      released.set(uid, clock.now() + RELEASED_MEMORY_MS);
    },
    noteKept: uid => void released.delete(uid),
    isReleased: uid => released.has(uid),
  };
}
