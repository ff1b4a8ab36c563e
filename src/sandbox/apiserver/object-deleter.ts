import type { ApiObject } from './api-object.ts';
import { toTimestamp } from './api-object.ts';
import { isDryRun } from './dry-run.ts';
import type { JsonObject } from './json.ts';
import { isJsonObject, objectOr, textAt, valueAt } from './json.ts';
import type { ObjectStore } from './object-store.ts';
import type { ResourceRegistry } from './resource-registry.ts';
import type { ServedResource } from './served-resource.ts';
import { storageOf } from './served-resource.ts';
import { badRequest, conflict, invalidOption } from './status-error.ts';

/** Finalizers by which the server itself waits: for what depends on an object, or until nothing does any more. */
export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

export interface DeleteOptions {
  /** What becomes of objects that this one owns. @default Background: they go after it */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly isDryRun?: boolean;
  readonly gracePeriodSeconds?: number;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface Deletion {
  readonly object: ApiObject;
  /** False while finalizers or a pod's node still hold it. */
  readonly isFinal: boolean;
}

/** Takes objects out: at once, or marked first where somebody must agree (finalizers, the node of a running pod, a namespace's contents). */
export interface ObjectDeleter {
  delete(resource: ServedResource, object: ApiObject, options: DeleteOptions): Deletion;
  /** Ends the deletion of a namespace that has become empty; called after every change in one. */
  finishNamespace(namespace: string | undefined): void;
}

export function createObjectDeleter(store: ObjectStore, registry: ResourceRegistry, now: () => number): ObjectDeleter {
  function remove(resource: ServedResource, object: ApiObject): Deletion {
    const { namespace, name } = object.metadata;
    if (resource.plural === 'customresourcedefinitions') removeInstances(object);
    const removed = store.delete(storageOf(resource), namespace, name) ?? object;
    finishNamespace(namespace);
    return { object: removed, isFinal: true };
  }

  function mark(resource: ServedResource, object: ApiObject, graceSeconds: number): Deletion {
    const { deletionGracePeriodSeconds } = object.metadata;
    if (deletionGracePeriodSeconds !== undefined && deletionGracePeriodSeconds <= graceSeconds)
      return { object, isFinal: false };
    const deletionTimestamp = toTimestamp(now() + graceSeconds * 1000);
    const metadata = { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds };
    return { object: store.put(storageOf(resource), { ...object, metadata }), isFinal: false };
  }

  /** Objects of a kind whose definition goes, go with it. */
  function removeInstances(crd: ApiObject): void {
    const storage = `${textAt(crd, 'spec.group')}/${textAt(crd, 'spec.names.plural')}`;
    for (const { metadata } of store.list(storage)) store.delete(storage, metadata.namespace, metadata.name);
  }

  /** What the namespace controller does on a real cluster: empties a terminating namespace, and lets it go once nothing is left. */
  function terminate(resource: ServedResource, namespace: ApiObject): Deletion {
    const { name } = namespace.metadata;
    if (namespace.metadata.deletionTimestamp === undefined) {
      const metadata = { ...namespace.metadata, deletionTimestamp: toTimestamp(now()) };
      store.put(storageOf(resource), {
        ...namespace,
        metadata,
        status: { ...objectOr(namespace['status']), phase: 'Terminating' },
      });
    }
    for (const inner of registry.list().filter(item => item.isNamespaced)) {
      for (const object of store.list(storageOf(inner), name)) deleteObject(inner, object, {});
    }
    finishNamespace(name);
    return { object: store.find(storageOf(resource), undefined, name) ?? namespace, isFinal: false };
  }

  function finishNamespace(name: string | undefined): void {
    if (name === undefined) return;
    const namespace = store.find('/namespaces', undefined, name);
    if (namespace?.metadata.deletionTimestamp === undefined) return;
    const isEmpty = registry
      .list()
      .every(resource => !resource.isNamespaced || store.list(storageOf(resource), name).length === 0);
    if (isEmpty && (namespace.metadata.finalizers ?? []).length === 0) store.delete('/namespaces', undefined, name);
  }

  function deleteObject(resource: ServedResource, object: ApiObject, options: DeleteOptions): Deletion {
    checkPreconditions(resource, object, options);
    if (storageOf(resource) === '/namespaces') return terminate(resource, object);
    const waiting = withPropagation(object, options.propagation);
    const grace = resource.rules.gracePeriodSeconds?.(waiting, options.gracePeriodSeconds);
    const isHeld = (waiting.metadata.finalizers ?? []).length > 0;
    if (grace !== undefined) return mark(resource, waiting, grace);
    return isHeld ? mark(resource, waiting, 0) : remove(resource, waiting);
  }

  return { delete: deleteObject, finishNamespace };
}

function withPropagation(object: ApiObject, propagation: DeleteOptions['propagation']): ApiObject {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  if (propagation === undefined || deletionTimestamp !== undefined) return object;
  const others = finalizers.filter(finalizer => finalizer !== FOREGROUND && finalizer !== ORPHAN);
  const own = propagation === 'Background' ? [] : [propagation === 'Foreground' ? FOREGROUND : ORPHAN];
  return { ...object, metadata: { ...object.metadata, finalizers: [...others, ...own] } };
}

/** DeleteOptions come in the body or, for a few fields, in the query. */
export function parseDeleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  if (body !== undefined && !isJsonObject(body)) throw badRequest('the body of a delete must be DeleteOptions');
  const grace = valueAt(body, 'gracePeriodSeconds') ?? query.get('gracePeriodSeconds') ?? undefined;
  const [uid, resourceVersion] = [textAt(body, 'preconditions.uid'), textAt(body, 'preconditions.resourceVersion')];
  const propagation = textAt(body, 'propagationPolicy') || (query.get('propagationPolicy') ?? '');
  if (propagation !== '' && !isPropagation(propagation))
    throw invalidOption('DeleteOptions', 'propagationPolicy', propagation, PROPAGATIONS);
  return {
    ...(propagation === '' ? {} : { propagation }),
    ...(isDryRun(query, body) ? { isDryRun: true } : {}),
    ...(grace === undefined ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(uid === '' ? {} : { uid }),
    ...(resourceVersion === '' ? {} : { resourceVersion }),
  };
}

const PROPAGATIONS = ['Background', 'Foreground', 'Orphan'] as const;

function isPropagation(text: string): text is (typeof PROPAGATIONS)[number] {
  return PROPAGATIONS.some(propagation => propagation === text);
}

/** What a delete answers with: the object while it is still there or is a pod, else a Status that says which one went. */
export function deletionReply(resource: ServedResource, { object, isFinal }: Deletion): JsonObject {
  if (!isFinal || resource.kind === 'Pod') return object;
  const details = {
    name: object.metadata.name,
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.plural,
    uid: object.metadata.uid,
  };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function checkPreconditions(
  resource: ServedResource,
  { metadata }: ApiObject,
  { uid, resourceVersion }: DeleteOptions,
): void {
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(
      resource,
      metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      resource,
      metadata.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    );
  }
}
