import type { ApiObject } from './api-object.ts';
import { objectKey } from './api-object.ts';
import { isJsonObject, listAt, textAt } from './json.ts';
import type { ObjectDeleter } from './object-deleter.ts';
import { FOREGROUND, ORPHAN } from './object-deleter.ts';
import type { ObjectStore, StoreChange } from './object-store.ts';
import type { ObjectWriter } from './object-writer.ts';
import type { ResourceRegistry } from './resource-registry.ts';
import type { ServedResource } from './served-resource.ts';
import { apiVersionOf, storageOf } from './served-resource.ts';

/** What the garbage collector of a real cluster does about owner references, only at once. */
export interface GarbageCollector {
  /** Deals with all that was changed since the last call: to be called after each request. */
  collect(): void;
  stop(): void;
}

interface Place {
  readonly storage: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Who depends on whom is kept in an index, so that a change without owners costs nothing. */
export function createGarbageCollector(
  store: ObjectStore,
  registry: ResourceRegistry,
  writer: ObjectWriter,
  deleter: ObjectDeleter,
): GarbageCollector {
  const dependents = new Map<string, Map<string, Place>>();
  const live = new Map<string, Place>();
  const waiting: StoreChange[] = [];

  function forget(owner: string, key: string): void {
    const places = dependents.get(owner);
    places?.delete(key);
    if (places?.size === 0) dependents.delete(owner);
  }

  function note(storage: string, change: StoreChange): void {
    const { namespace, name, uid } = change.object.metadata;
    const place: Place = { storage, namespace, name };
    const key = `${storage} ${objectKey(namespace, name)}`;
    for (const owner of ownersOf(change.previous)) forget(owner, key);
    if (change.type === 'DELETED') live.delete(uid);
    else {
      live.set(uid, place);
      for (const owner of ownersOf(change.object))
        dependents.set(owner, (dependents.get(owner) ?? new Map<string, Place>()).set(key, place));
    }
    const isLeaving = change.object.metadata.deletionTimestamp !== undefined || change.type === 'DELETED';
    if (isLeaving) waiting.push(change);
  }
  const stop = store.subscribeAll(note);

  function settle({ type, object }: StoreChange): void {
    const { uid, finalizers = [] } = object.metadata;
    if (type === 'DELETED') {
      for (const [resource, dependent] of dependentsOf(uid)) abandon(resource, dependent, uid);
      dependents.delete(uid);
      for (const owner of ownersOf(object)) release(owner);
    } else if (finalizers.includes(ORPHAN)) {
      for (const [resource, dependent] of dependentsOf(uid)) withoutOwner(resource, dependent, [uid]);
      withoutFinalizer(uid, ORPHAN);
    } else if (finalizers.includes(FOREGROUND)) {
      for (const [resource, dependent] of dependentsOf(uid)) abandon(resource, dependent, uid);
      release(uid);
    }
  }

  /** A dependent goes with its last owner, and forgets those of several that are gone. */
  function abandon(resource: ServedResource, object: ApiObject, owner: string): void {
    const gone = ownersOf(object).filter(uid => uid === owner || !live.has(uid));
    if (gone.length < ownersOf(object).length) withoutOwner(resource, object, gone);
    else if (object.metadata.deletionTimestamp === undefined) deleter.delete(resource, object, {});
  }

  /** Lets an owner that waits for its dependents go once none is left that blocks it. */
  function release(uid: string): void {
    const isBlocked = dependentsOf(uid).some(([, object]) =>
      referencesOf(object).some(ref => textAt(ref, 'uid') === uid && ref['blockOwnerDeletion'] === true),
    );
    if (!isBlocked) withoutFinalizer(uid, FOREGROUND);
  }

  function withoutOwner(resource: ServedResource, object: ApiObject, owners: readonly string[]): void {
    const ownerReferences = referencesOf(object).filter(ref => !owners.includes(textAt(ref, 'uid')));
    writer.replace(resource, object, { ...object, metadata: { ...object.metadata, ownerReferences } });
  }

  function withoutFinalizer(uid: string, finalizer: string): void {
    const place = live.get(uid);
    const [resource, object] = (place === undefined ? undefined : look(place)) ?? [];
    if (resource === undefined || object?.metadata.deletionTimestamp === undefined) return;
    const { finalizers = [] } = object.metadata;
    if (!finalizers.includes(finalizer)) return;
    const rest = finalizers.filter(item => item !== finalizer);
    writer.replace(resource, object, { ...object, metadata: { ...object.metadata, finalizers: rest } });
    deleter.finishNamespace(object.metadata.namespace);
  }

  function dependentsOf(uid: string): readonly (readonly [ServedResource, ApiObject])[] {
    return [...(dependents.get(uid)?.values() ?? [])].flatMap(place => {
      const found = look(place);
      return found === undefined ? [] : [found];
    });
  }

  function look({ storage, namespace, name }: Place): readonly [ServedResource, ApiObject] | undefined {
    const object = store.find(storage, namespace, name);
    const resource = registry.list().find(item => storageOf(item) === storage);
    return object === undefined || resource === undefined
      ? undefined
      : [resource, { ...object, apiVersion: apiVersionOf(resource) }];
  }

  return {
    stop,
    collect() {
      for (let change = waiting.shift(); change !== undefined; change = waiting.shift()) settle(change);
    },
  };
}

function referencesOf(object: ApiObject | undefined): readonly Readonly<Record<string, unknown>>[] {
  return listAt(object, 'metadata.ownerReferences').filter(isJsonObject);
}

function ownersOf(object: ApiObject | undefined): readonly string[] {
  return referencesOf(object).map(reference => textAt(reference, 'uid'));
}
