import type { ClaimOwner, IPAllocation } from '#api';
import type { Clock } from '#base';
import { createGrowingSet, type Family, type GrowingSet } from '#ip';
import type { WatchCache } from '#kube';
import { parseClaimName } from './claim-name.ts';
import { podLabel } from './claim-object.ts';

/**
 * The claims that a process knows of: its watch cache, corrected by what it did itself and the watch has not yet told. Without
 * the correction a claim that was just released would look held, and one that was just taken would look missing.
 */
export interface KnownClaims {
  /** Claims of the owner's pod, or of its container where there is no pod. */
  ofPod(owner: ClaimOwner): readonly IPAllocation[];
  /** Addresses of a scope that are held. Changes as claims do. */
  taken(scope: string, family: Family): Pick<GrowingSet, 'has' | 'firstFree'>;
  /** Remembers an object that the API server just gave us. */
  noteTaken(object: IPAllocation): void;
  /** Remembers that a DELETE for this very object was or is about to be sent: it may be gone at any moment. */
  noteReleased(uid: string): void;
  /** The DELETE was refused: the object stays. */
  noteKept(uid: string): void;
  isReleased(uid: string): boolean;
  /** Whether the watch has not told of the object yet: if it has gone since, nobody has said so. */
  isUntold(uid: string): boolean;
}

/** Longer than any watch lags behind that still counts as fresh. */
const TAKEN_MEMORY_MS = 10_000;
/** Longer than a DELETE whose answer was lost can still be under way. */
const RELEASED_MEMORY_MS = 300_000;

/** Follows `cache` from now on, for as long as it lives. */
export function createKnownClaims(cache: WatchCache<IPAllocation>, clock: Clock): KnownClaims {
  const objects = new Map<string, IPAllocation>();
  /** Which object has a name: one that was deleted and one that was made since have the same. */
  const uids = new Map<string, string>();
  const pods = new Map<string, Set<string>>();
  const scopes = new Map<string, GrowingSet>();
  /** Objects that the watch has not told yet, and DELETEs that it has not; both in the order in which they are forgotten. */
  const untold = new Map<string, number>();
  const released = new Map<string, number>();

  function setOf(scope: string, family: Family): GrowingSet {
    const key = `${scope} ${family}`;
    const known = scopes.get(key);
    if (known !== undefined) return known;
    const set = createGrowingSet();
    scopes.set(key, set);
    return set;
  }

  function put(object: IPAllocation): void {
    const uid = uidOf(object);
    const { name } = object.metadata;
    const former = objects.get(uid);
    if (former !== undefined && podLabel(former.spec.owner) !== podLabel(object.spec.owner)) leavePod(former);
    objects.set(uid, object);
    uids.set(name, uid);
    const label = podLabel(object.spec.owner);
    const members = pods.get(label) ?? new Set();
    pods.set(label, members.add(uid));
    const parsed = parseClaimName(name);
    if (parsed !== undefined) setOf(parsed.scope, parsed.ip.family).add(parsed.ip.value);
  }

  function leavePod(object: IPAllocation): void {
    const label = podLabel(object.spec.owner);
    const members = pods.get(label);
    members?.delete(uidOf(object));
    if (members?.size === 0) pods.delete(label);
  }

  function drop(uid: string): void {
    untold.delete(uid);
    const object = objects.get(uid);
    if (object === undefined) return;
    objects.delete(uid);
    leavePod(object);
    const { name } = object.metadata;
    if (uids.get(name) !== uid) return;
    uids.delete(name);
    const parsed = parseClaimName(name);
    if (parsed !== undefined) setOf(parsed.scope, parsed.ip.family).remove(parsed.ip.value);
  }

  function forgetOld(): void {
    const now = clock.now();
    for (const [uid, until] of untold) {
      if (until > now) break;
      untold.delete(uid);
      const object = objects.get(uid);
      if (object !== undefined && cache.find({ name: object.metadata.name })?.metadata.uid !== uid) drop(uid);
    }
    for (const [uid, until] of released) {
      if (until > now) break;
      released.delete(uid);
    }
  }

  for (const object of cache.list()) put(object);
  cache.subscribe(change => {
    if (change.type === 'relisted') return;
    const uid = uidOf(change.object);
    if (change.type === 'deleted') return drop(uid);
    untold.delete(uid);
    // Its end is under way: what the watch tells of the time before is no news.
    if (!released.has(uid)) put(change.object);
  });

  return {
    ofPod(owner) {
      forgetOld();
      return [...(pods.get(podLabel(owner)) ?? [])].flatMap(uid => objects.get(uid) ?? []);
    },
    taken(scope, family) {
      forgetOld();
      return setOf(scope, family);
    },
    noteTaken(object) {
      const uid = uidOf(object);
      released.delete(uid);
      put(object);
      if (cache.find({ name: object.metadata.name })?.metadata.uid === uid) return;
      untold.delete(uid);
      untold.set(uid, clock.now() + TAKEN_MEMORY_MS);
    },
    noteReleased(uid) {
      forgetOld();
      drop(uid);
      released.delete(uid);
      released.set(uid, clock.now() + RELEASED_MEMORY_MS);
    },
    noteKept(uid) {
      released.delete(uid);
      const object = cache.list().find(({ metadata }) => metadata.uid === uid);
      if (object !== undefined) put(object);
    },
    isReleased: uid => released.has(uid),
    isUntold: uid => untold.has(uid),
  };
}

function uidOf({ metadata }: IPAllocation): string {
  return metadata.uid ?? '';
}
