import type { KubeObject, Resource } from '#api';

/**
 * Typed access to an API server. Every method rejects with ApiError (code from the Status reason: `NotFound`,
 * `AlreadyExists`, `Conflict`, `Gone`, `Unauthorized`, ...; `Unreachable` when there was no answer, which is retriable).
 */
export interface KubeClient {
  get<T extends KubeObject>(resource: Resource<T>, name: ObjectName, options?: CallOptions): Promise<T>;
  list<T extends KubeObject>(resource: Resource<T>, query?: ListQuery, options?: CallOptions): Promise<ObjectList<T>>;
  /**
   * What `kubectl get` would show of a list in these columns, a row of texts for each object: a tenth of what the objects take, for
   * asking after many of which little is wanted. Rejects with `BadResponse` where the kind has no such column.
   */
  listColumns(
    resource: Resource,
    columns: readonly string[],
    query?: ListQuery,
    options?: CallOptions,
  ): Promise<readonly (readonly string[])[]>;
  /** How far the server's data is: the resourceVersion that a list would have now. Reads one object at most. */
  version(
    resource: Resource,
    query?: Pick<ListQuery, 'namespace' | 'fieldSelector'>,
    options?: CallOptions,
  ): Promise<string>;
  create<T extends KubeObject>(resource: Resource<T>, object: T, options?: CallOptions): Promise<T>;
  /** PUT: replaces the object; `metadata.resourceVersion` in it is the precondition. */
  update<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: CallOptions & { readonly subresource?: 'status' },
  ): Promise<T>;
  /** JSON merge patch (RFC 7386); `metadata.uid` and `metadata.resourceVersion` in the body are preconditions, `Conflict` when they fail. */
  mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    body: unknown,
    options?: CallOptions & { readonly subresource?: 'status' },
  ): Promise<T>;
  delete<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    options?: CallOptions & { readonly preconditions?: Preconditions; readonly gracePeriodSeconds?: number },
  ): Promise<void>;
  /** One watch connection; ends when the server closes it, rejects on errors. Prefer `createWatchCache`. */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    query: ListQuery & { readonly resourceVersion: string },
    options?: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>;
  /** Closes idle connections. */
  close(): void;
}

export interface ObjectName {
  readonly namespace?: string;
  readonly name: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Default 10 000. */
  readonly timeoutMs?: number;
}

export interface WatchOptions {
  readonly signal?: AbortSignal;
  /** How long the stream may be silent before it counts as dead. Default 150 000: servers send a bookmark about once a minute. */
  readonly idleTimeoutMs?: number;
  /** Called once the server has accepted the watch. */
  readonly onOpen?: () => void;
}

export interface ListQuery {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Page size; `list` follows `continue` tokens itself and returns everything. */
  readonly limit?: number;
  /**
   * Lets the server answer from its memory, all at once, if that is not older than this resourceVersion; `0`: however old. Where it
   * is left out the answer is the newest.
   */
  readonly notOlderThan?: string;
  /** Ask for PartialObjectMetadataList: items hold only metadata. */
  readonly metadataOnly?: boolean;
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };
