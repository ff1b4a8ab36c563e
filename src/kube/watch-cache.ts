import type { KubeObject, Resource } from '#api';
import type { Clock, Log } from '#base';
import { codeOf, messageOf, steadyClock } from '#base';
import { backoffMs } from './backoff.ts';
import type { CacheChange } from './cache-change.ts';
import { createCacheIndex, withoutManagedFields } from './cache-index.ts';
import type { KubeClient, ListQuery, ObjectName } from './client.ts';
import { ApiError, isExpired } from './errors.ts';
import { createFirstList } from './first-list.ts';
import { isOlder } from './resource-version.ts';

/** A local copy of a resource, kept by list and watch; never gives up (jittered back-off, relist on 410). */
export interface WatchCache<T extends KubeObject> {
  find(name: ObjectName): T | undefined;
  list(): readonly T[];
  /** Whether the copy may be believed: listed once, and the watch connected or lost for less than `staleAfterMs`. */
  readonly isFresh: boolean;
  /** Resolves after the first list. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Called synchronously after each change and, with `relisted`, after every (re)list. Returns the unsubscriber. */
  subscribe(listener: (change: CacheChange<T>) => void): () => void;
}

/** One that also tells when there is nothing to wait for. */
export interface AnsweredCache<T extends KubeObject> extends WatchCache<T> {
  /**
   * As `ready`, but rejects as soon as the API server refuses the list: whoever waits for somebody else is told at once. The
   * cache itself goes on trying.
   * @throws ApiError Forbidden
   */
  answered(signal?: AbortSignal): Promise<void>;
}

export interface WatchCacheOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly resource: Resource<T>;
  readonly query?: ListQuery;
  /** Applied on arrival: keep only what is needed. */
  readonly transform?: (object: T) => T;
  /** A resource that the API server does not know counts as one without objects, and is looked for again each minute. */
  readonly isOptional?: boolean;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** @default one that never steps: a copy that nobody keeps must not count as fresh because the machine's clock was set back */
  readonly clock?: Clock;
  /** Default 5 000. */
  readonly staleAfterMs?: number;
  /** How long the watch may be silent before it counts as dead. Default 150 000. */
  readonly idleTimeoutMs?: number;
}

const LIST_TIMEOUT_MS = 30_000;
/** A resource that is not there now may be installed later. */
const ABSENT_PAUSE_MS = 60_000;
/** A watch that ended sooner counts as a failure: a server that accepts and drops must not be asked in a tight loop. */
const SHORT_WATCH_MS = 2_000;

/**
 * Starts to list and watch at once, in the background, until `signal` aborts; afterwards the copy keeps its last content and is not fresh.
 * A watch that was lost for longer than `staleAfterMs`, or whose server has been set back since, is not resumed: the resource is listed
 * again, so that a fresh cache is never one that still has a backlog to read, or one that is told nothing.
 */
export function createWatchCache<T extends KubeObject>(options: WatchCacheOptions<T>): AnsweredCache<T> {
  const { client, resource, query = {}, signal, clock = steadyClock, staleAfterMs = 5_000 } = options;
  const log = options.log.child({ resource: resource.plural });
  const { transform } = options;
  const index = createCacheIndex<T>(object => (transform ?? (same => same))(withoutManagedFields(object)));
  const listeners = new Set<(change: CacheChange<T>) => void>();
  const first = createFirstList();
  let isConnected = false;
  let lostAt = 0;
  /** Until then a resource that the server did not know counts as unknown still. */
  let absentUntil = Number.NEGATIVE_INFINITY;

  function tell(change: CacheChange<T>): void {
    for (const listener of [...listeners]) {
      try {
        listener(change);
      } catch (error) {
        log.error({ change: change.type, err: messageOf(error) }, 'A cache listener failed');
      }
    }
  }

  function take(items: readonly T[]): void {
    const changes = index.replace(items);
    // Before the listeners are told, who ask whether the copy may be believed; who waits goes on after them.
    first.done();
    lostAt = clock.now();
    for (const change of changes) tell(change);
    tell({ type: 'relisted' });
  }

  async function list(): Promise<string> {
    const { items, resourceVersion } = await client.list(resource, query, { signal, timeoutMs: LIST_TIMEOUT_MS });
    absentUntil = Number.NEGATIVE_INFINITY;
    take(items);
    return resourceVersion;
  }

  /** Follows one watch to its end; the resourceVersion reached goes to `reached`, also when it fails. */
  async function follow(from: string, reached: (resourceVersion: string) => void): Promise<void> {
    const onOpen = (): void => {
      isConnected = true;
    };
    const idle = options.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: options.idleTimeoutMs };
    try {
      for await (const event of client.watch(
        resource,
        { ...query, resourceVersion: from },
        { signal, onOpen, ...idle },
      )) {
        if (event.type === 'BOOKMARK') {
          reached(event.resourceVersion);
          continue;
        }
        const change = index.apply(event);
        reached(event.object.metadata.resourceVersion ?? from);
        if (change !== undefined) tell(change);
      }
    } finally {
      if (isConnected) lostAt = clock.now();
      isConnected = false;
    }
  }

  /**
   * Whether the server's data is older than ours, as after a restore from a backup: it would take a watch from a version that
   * it has yet to reach, and tell nothing until then.
   */
  async function isSetBack(from: string): Promise<boolean> {
    const { namespace, fieldSelector } = query;
    const now = await client.version(
      resource,
      {
        ...(namespace === undefined ? {} : { namespace }),
        // It may be all that we are allowed to see. Labels are no matter of that, and some of them are hard to find an object of.
        ...(fieldSelector === undefined ? {} : { fieldSelector }),
      },
      // Who answers later than that is listed from anyway.
      { signal, timeoutMs: staleAfterMs },
    );
    return isOlder(now, from) ?? true;
  }

  async function run(): Promise<void> {
    let from: string | undefined;
    let failures = 0;
    const pause = (ms: number): Promise<void> => clock.sleep(ms, signal).catch(() => undefined); // rejects only on abort, which ends the loop
    while (!signal.aborted) {
      const startedAt = clock.now();
      let failure: unknown;
      try {
        const isOld = from !== undefined && (clock.now() - lostAt >= staleAfterMs || (await isSetBack(from)));
        if (isOld) from = undefined;
        from ??= await list();
        await follow(from, resourceVersion => {
          from = resourceVersion;
        });
      } catch (error) {
        if (signal.aborted) return;
        failure = error;
        first.fail(error);
        if (isExpired(error)) from = undefined;
        if (options.isOptional === true && isUnknownResource(error)) {
          from = undefined;
          take([]);
          absentUntil = clock.now() + ABSENT_PAUSE_MS + staleAfterMs;
          await pause(ABSENT_PAUSE_MS);
          continue;
        }
      }
      const wasShort = clock.now() - startedAt < SHORT_WATCH_MS;
      failures = wasShort ? failures + 1 : failure === undefined ? 0 : 1;
      if (failures === 0) continue;
      const pauseMs = Math.max(backoffMs(failures), failure instanceof ApiError ? (failure.retryAfterMs ?? 0) : 0);
      if (failure !== undefined)
        log.warn({ code: codeOf(failure), err: messageOf(failure), pauseMs }, 'Watch interrupted');
      await pause(pauseMs);
    }
  }

  run().catch(error => log.error({ err: messageOf(error) }, 'Watch loop ended')); // nothing in it throws, unless a log does

  return {
    find: index.find,
    list: index.list,
    get isFresh() {
      if (!first.isDone || signal.aborted) return false;
      const now = clock.now();
      return isConnected || now - lostAt < staleAfterMs || now < absentUntil;
    },
    ready: waiting => first.ready(signal, waiting),
    answered: waiting => first.answered(signal, waiting),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The path as a whole is unknown: there is no name in it that could be. */
function isUnknownResource(error: unknown): boolean {
  return error instanceof ApiError && error.httpStatus === 404;
}
