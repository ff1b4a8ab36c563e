import type { KubeObject } from '#api';
import type { CacheChange } from './cache-change.ts';
import type { ObjectName, WatchEvent } from './client.ts';

/** The objects of a watch cache by name. Every method changes the index and returns what changed. */
export interface CacheIndex<T extends KubeObject> {
  find(name: ObjectName): T | undefined;
  list(): readonly T[];
  /** Takes a complete list: what it lacks is deleted, what has another resourceVersion is put. */
  replace(objects: readonly T[]): readonly CacheChange<T>[];
  apply(event: Exclude<WatchEvent<T>, { readonly type: 'BOOKMARK' }>): CacheChange<T> | undefined;
}

/** An empty index. `transform` is applied to what is kept. */
export function createCacheIndex<T extends KubeObject>(transform: (object: T) => T): CacheIndex<T> {
  const objects = new Map<string, T>();
  let listed: readonly T[] | undefined;

  function put(arrived: T): CacheChange<T> | undefined {
    const key = keyOf(arrived.metadata);
    const previous = objects.get(key);
    if (
      previous?.metadata.resourceVersion === arrived.metadata.resourceVersion &&
      previous?.metadata.uid === arrived.metadata.uid
    )
      return undefined;
    const object = transform(arrived);
    objects.set(key, object);
    listed = undefined;
    return previous === undefined ? { type: 'put', object } : { type: 'put', object, previous };
  }

  function remove(key: string, object: T): CacheChange<T> | undefined {
    if (!objects.delete(key)) return undefined;
    listed = undefined;
    return { type: 'deleted', object };
  }

  return {
    find: name => objects.get(keyOf(name)),
    list() {
      listed ??= [...objects.values()];
      return listed;
    },
    replace(arrived) {
      const seen = new Set(arrived.map(object => keyOf(object.metadata)));
      const gone = [...objects].filter(([key]) => !seen.has(key)).map(([key, object]) => remove(key, object));
      // An object that was deleted and made again under one name between two lists: its old self is reported as deleted.
      const replaced = arrived.flatMap(object => {
        const key = keyOf(object.metadata);
        const old = objects.get(key);
        return old !== undefined && old.metadata.uid !== object.metadata.uid ? [remove(key, old)] : [];
      });
      return [...gone, ...replaced, ...arrived.map(put)].filter(change => change !== undefined);
    },
    apply(event) {
      return event.type === 'DELETED'
        ? remove(keyOf(event.object.metadata), transform(event.object))
        : put(event.object);
    },
  };
}

function keyOf(name: ObjectName): string {
  return `${name.namespace ?? ''}/${name.name}`;
}

/** Drops who-set-which-field records: the largest part of many objects, and nobody here reads them. */
export function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as T['metadata'] & { managedFields?: unknown };
  return { ...object, metadata };
}
