import type { Clock, Log } from '#base';
import type { KubeObject, Resource } from '#api';
import type { KubeClient, ListQuery, ObjectName } from './client.ts';

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

export type CacheChange<T> =
  | { readonly type: 'put'; readonly object: T; readonly previous?: T }
  | { readonly type: 'deleted'; readonly object: T }
  | { readonly type: 'relisted' };

export interface WatchCacheOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly resource: Resource<T>;
  readonly query?: ListQuery;
  /** Applied on arrival: keep only what is needed. */
  readonly transform?: (object: T) => T;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly clock?: Clock;
  /** Default 5 000. */
  readonly staleAfterMs?: number;
}
