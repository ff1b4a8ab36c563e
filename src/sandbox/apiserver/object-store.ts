import type { ApiObject } from './api-object.ts';
import { objectKey } from './api-object.ts';

/** A change as watchers see it; `object` carries the change's resourceVersion, also on deletion. */
export interface StoreChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly object: ApiObject;
  readonly previous?: ApiObject;
}

/** All objects in memory, with one counter of versions and a bounded history for each resource. Outlives the servers that serve it. */
export interface ObjectStore {
  readonly version: number;
  find(storage: string, namespace: string | undefined, name: string): ApiObject | undefined;
  /** Ordered by namespace and name. */
  list(storage: string, namespace?: string): readonly ApiObject[];
  /** Stores the object under the next version and returns it so. */
  put(storage: string, object: ApiObject): ApiObject;
  delete(storage: string, namespace: string | undefined, name: string): ApiObject | undefined;
  /** Changes after `version`, oldest first; undefined when the history does not reach that far back. */
  changesSince(storage: string, version: number): readonly StoreChange[] | undefined;
  subscribe(storage: string, listener: (change: StoreChange) => void): () => void;
  /** Every change of every resource, and first all that there is as if it were added now. */
  subscribeAll(listener: (storage: string, change: StoreChange) => void): () => void;
  /** Forgets all history, as etcd's compaction does: every older watch and continue token gets 410. */
  compact(): void;
}

interface Shelf {
  readonly objects: Map<string, ApiObject>;
  readonly listeners: Set<(change: StoreChange) => void>;
  history: StoreChange[];
  /** Oldest version that a watch may start from. */
  floor: number;
}

export interface ObjectStoreOptions {
  /** Changes kept for each resource. @default 1000 */
  readonly historyLimit?: number;
  /**
   * Where versions start. The clock, so that a client which outlived an earlier store of ours cannot resume here: its version is
   * too old, and it lists again.
   * @default milliseconds since the epoch
   */
  readonly firstVersion?: number;
}

/** An empty store. */
export function createObjectStore(options: ObjectStoreOptions = {}): ObjectStore {
  const { historyLimit = 1000, firstVersion = Date.now() } = options;
  const shelves = new Map<string, Shelf>();
  let version = firstVersion;
  const everywhere = new Set<(storage: string, change: StoreChange) => void>();
  let compacted = firstVersion;

  function shelfOf(storage: string): Shelf {
    let shelf = shelves.get(storage);
    if (shelf === undefined) {
      shelf = { objects: new Map(), listeners: new Set(), history: [], floor: compacted };
      shelves.set(storage, shelf);
    }
    return shelf;
  }

  function record(storage: string, shelf: Shelf, change: StoreChange): void {
    shelf.history.push(change);
    // Twice the limit, cut to the limit: one copy for every `historyLimit` changes.
    if (shelf.history.length >= 2 * historyLimit) {
      shelf.history = shelf.history.slice(-historyLimit);
      shelf.floor = (shelf.history[0]?.version ?? version) - 1;
    }
    for (const listener of everywhere) listener(storage, change);
    for (const listener of [...shelf.listeners]) listener(change);
  }

  function next(object: ApiObject): ApiObject {
    version++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
  }

  return {
    get version() {
      return version;
    },
    find: (storage, namespace, name) => shelfOf(storage).objects.get(objectKey(namespace, name)),
    list(storage, namespace) {
      const all = [...shelfOf(storage).objects];
      const some = namespace === undefined ? all : all.filter(([key]) => key.startsWith(`${namespace}/`));
      return some.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    },
    put(storage, object) {
      const shelf = shelfOf(storage);
      const stored = next(object);
      const key = objectKey(stored.metadata.namespace, stored.metadata.name);
      const previous = shelf.objects.get(key);
      shelf.objects.set(key, stored);
      record(
        storage,
        shelf,
        previous === undefined
          ? { type: 'ADDED', version, object: stored }
          : { type: 'MODIFIED', version, object: stored, previous },
      );
      return stored;
    },
    delete(storage, namespace, name) {
      const shelf = shelfOf(storage);
      const key = objectKey(namespace, name);
      const previous = shelf.objects.get(key);
      if (previous === undefined) return undefined;
      shelf.objects.delete(key);
      const object = next(previous);
      record(storage, shelf, { type: 'DELETED', version, object, previous });
      return object;
    },
    changesSince(storage, since) {
      const shelf = shelfOf(storage);
      if (since < shelf.floor) return undefined;
      return shelf.history.filter(change => change.version > since);
    },
    subscribe(storage, listener) {
      const { listeners } = shelfOf(storage);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    subscribeAll(listener) {
      for (const [storage, { objects }] of shelves)
        for (const object of objects.values()) listener(storage, { type: 'ADDED', version, object });
      everywhere.add(listener);
      return () => void everywhere.delete(listener);
    },
    compact() {
      compacted = version;
      for (const shelf of shelves.values()) {
        shelf.history = [];
        shelf.floor = version;
      }
    },
  };
}
