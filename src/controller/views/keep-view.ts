import { createHash } from 'node:crypto';
import type { IPAllocation, KubeObject } from '#api';
import { type Clock, codeOf, type Log, messageOf, systemClock } from '#base';
import { ApiError, createWatchCache, type KubeClient, type ObjectName, type WatchCache } from '#kube';
import { type ClaimGroups, createClaimGroups, objectKey } from './claim-groups.ts';
import { pauseAfterFailuresMs, pauseAfterMs } from './pace.ts';
import { createPacedNames } from './paced-names.ts';
import type { FollowedObjects, View, ViewChange } from './view.ts';
import { writeChange } from './write-change.ts';

/** What views are kept with. */
export interface ViewDeps {
  readonly client: KubeClient;
  /** All claims of the cluster. */
  readonly claims: WatchCache<IPAllocation>;
  readonly log: Log;
  readonly clock?: Clock;
  /** Told of every write that the API server has taken, with the kind's name: `ippools.whereabouts.cni.cncf.io`. */
  readonly onWrite?: (kind: string) => void;
}

/** Between two writes of a view. */
const WRITE_PAUSE_MS = 10;
/** As many claims are looked at in one turn of the event loop. */
const CLAIMS_A_TURN = 500;
/** When so many objects have failed and none was written nothing is tried for a while. */
const OBJECTS_IN_VAIN = 5;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Keeps the objects of a view as the claims are, until the signal; then it rejects with its reason. Looks at an object when
 * one of its claims or the object itself has changed, and writes what is missing then, one object after the other and each at
 * most once a second. Two who do so at once write the same.
 */
export async function keepView<T extends KubeObject>(
  view: View<T>,
  deps: ViewDeps,
  signal: AbortSignal,
): Promise<never> {
  const { client, claims, clock = systemClock } = deps;
  const { resource, query } = view;
  const kind = `${resource.plural}.${resource.group}`;
  const log = deps.log.child({ view: kind });
  const own = { client, resource, isOptional: true, signal, log, clock, ...(query === undefined ? {} : { query }) };
  const objects: FollowedObjects<T> = view.objects ?? createWatchCache<T>(own);
  const groups = createClaimGroups(claim => view.namesOf(claim));
  const names = createPacedNames(clock);
  const failures = new Map<string, number>();
  /** What the server left as it was, by object: an older definition drops fields that it does not know. */
  const unchanged = new Map<string, string>();
  /** Objects that failed since something was written, and how often the kind or its namespace was not there. */
  const inVain = new Set<string>();
  let absences = 0;

  /** Whether something was written. */
  async function settle(name: ObjectName): Promise<boolean> {
    const object = objects.find(name);
    const change = await view.compare({ name, claims: groups.of(name), object });
    if (change.kind === 'none' || change.kind === 'foreign') {
      unchanged.delete(objectKey(name));
      return false;
    }
    if (change.kind === 'patch' && unchanged.get(objectKey(name)) === markOf(object, change)) return false;
    const written = await writeChange({ client, resource, name, object, signal }, change);
    deps.onWrite?.(kind);
    names.rest(name, pauseAfterMs(JSON.stringify(written ?? '').length));
    if (change.kind === 'patch' && written?.metadata.resourceVersion === object?.metadata.resourceVersion) {
      unchanged.set(objectKey(name), markOf(object, change));
    }
    return true;
  }

  /** How long the whole view is to be left alone then. */
  function fail(name: ObjectName, error: unknown): number {
    const key = objectKey(name);
    const count = (failures.get(key) ?? 0) + 1;
    failures.set(key, count);
    names.rest(name, pauseAfterFailuresMs(count));
    names.touch(name);
    const isKnown = objects.find(name) !== undefined;
    // The object is not what it was when it was compared: as it is now, it comes by the watch.
    if (['Conflict', 'AlreadyExists'].includes(codeOf(error) ?? '') || (isKnown && isNotFound(error))) return 0;
    if (Number.isInteger(Math.log2(count))) {
      log.warn({ object: key, failures: count, code: codeOf(error), err: messageOf(error) }, 'Cannot write a view');
    }
    // Where the kind is unknown, or its namespace, or everything forbidden, others need not be tried either.
    inVain.add(key);
    if (isNotFound(error)) absences++;
    const rounds = Math.max(absences, Math.floor(inVain.size / OBJECTS_IN_VAIN));
    return rounds === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, pauseAfterFailuresMs(rounds));
  }

  function touchAll(): void {
    groups.names().forEach(names.touch);
    for (const object of objects.list()) names.touch(nameOf(object));
  }

  const unsubscribers = [claims.subscribe(change => groups.apply(change).forEach(names.touch))];
  try {
    await Promise.all([claims.ready(signal), objects.ready?.(signal), view.ready?.(signal)]);
    await takeAll(claims, groups);
    unsubscribers.push(
      objects.subscribe(change => {
        if (change.type !== 'relisted') names.touch(nameOf(change.object));
      }),
    );
    view.follow?.(names.touch, signal, touchAll);
    touchAll();
    for (;;) {
      const name = await names.next(signal);
      try {
        const isWritten = await settle(name);
        failures.delete(objectKey(name));
        if (!isWritten) continue;
        inVain.clear();
        absences = 0;
        // Whatever has piled up, pods that start now come first.
        await clock.sleep(WRITE_PAUSE_MS, signal);
      } catch (error) {
        signal.throwIfAborted();
        const pauseMs = fail(name, error);
        if (pauseMs > 0) await clock.sleep(pauseMs, signal);
      }
    }
  } finally {
    for (const unsubscribe of unsubscribers) unsubscribe();
  }
}

/** Those that are there already; the cache's changes meanwhile have been applied by whoever follows it. */
async function takeAll(claims: WatchCache<IPAllocation>, groups: ClaimGroups): Promise<void> {
  for (const [index, object] of claims.list().entries()) {
    if (index % CLAIMS_A_TURN === CLAIMS_A_TURN - 1) await new Promise(resolve => setImmediate(resolve));
    if (claims.find({ name: object.metadata.name }) === object) groups.apply({ type: 'put', object });
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.httpStatus === 404;
}

function nameOf({ metadata }: KubeObject): ObjectName {
  const { namespace, name } = metadata;
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

function markOf(object: KubeObject | undefined, change: ViewChange<KubeObject>): string {
  const text = `${object?.metadata.resourceVersion ?? ''} ${JSON.stringify(change)}`;
  return createHash('sha256').update(text).digest('base64');
}
