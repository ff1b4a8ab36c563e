import type { ApiObject } from './api-object.ts';
import type { JsonObject } from './json.ts';
import type { ObjectStore, StoreChange } from './object-store.ts';
import type { Form } from './representation.ts';
import { renderObject } from './representation.ts';
import type { Selector } from './selector.ts';
import type { ServedResource } from './served-resource.ts';
import { apiVersionOf, storageOf } from './served-resource.ts';
import { expired, toStatus } from './status-error.ts';

export interface WatchRequest {
  readonly resource: ServedResource;
  readonly namespace: string | undefined;
  readonly selector: Selector;
  readonly form: Form;
  /** The version to go on from; undefined: start with what there is. */
  readonly since: number | undefined;
}

/** A running watch. */
export interface WatchFeed {
  /** The event that tells the client how far it is without telling it anything else; undefined before it is as far as it asked for. */
  bookmark(): JsonObject | undefined;
  stop(): void;
}

/**
 * Sends a watch's events, the first ones at once: the current objects or what happened since a version; then every change as it happens.
 * A version that is too old is told in an ERROR event, after which the feed is dead: undefined.
 */
export function startWatchFeed(
  store: ObjectStore,
  request: WatchRequest,
  now: () => number,
  send: (event: JsonObject) => void,
): WatchFeed | undefined {
  const { resource, namespace, since } = request;
  const storage = storageOf(resource);
  const isInside = (object: ApiObject): boolean =>
    (namespace === undefined || object.metadata.namespace === namespace) && request.selector(object);
  let isFirst = true;

  function emit(type: string, object: ApiObject): void {
    send({ type, object: renderObject(resource, object, request.form, now(), isFirst) });
    isFirst = false;
  }

  function tell(change: StoreChange): void {
    // A version that is yet to come is waited for.
    if (since !== undefined && change.version <= since) return;
    const isIn = change.type !== 'DELETED' && isInside(change.object);
    const wasIn = change.previous !== undefined && isInside(change.previous);
    if (isIn) emit(wasIn ? 'MODIFIED' : 'ADDED', change.object);
    // What a selector no longer matches is gone for this client. It gets the last state that it knew, under the change's version.
    else if (wasIn && change.previous !== undefined)
      emit('DELETED', {
        ...change.previous,
        metadata: { ...change.previous.metadata, resourceVersion: String(change.version) },
      });
  }

  if (since === undefined) {
    for (const object of store.list(storage, namespace)) if (isInside(object)) emit('ADDED', object);
  } else {
    const changes = store.changesSince(storage, since);
    if (changes === undefined) {
      send({
        type: 'ERROR',
        object: toStatus(expired(`too old resource version: ${since} (${store.version})`)),
      });
      return undefined;
    }
    for (const change of changes) tell(change);
  }
  const stop = store.subscribe(storage, tell);
  return {
    bookmark() {
      if (since !== undefined && store.version < since) return undefined;
      return {
        type: 'BOOKMARK',
        object: {
          ...(request.form === 'metadata'
            ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }
            : { kind: resource.kind, apiVersion: apiVersionOf(resource) }),
          metadata: { resourceVersion: String(store.version), creationTimestamp: null },
        },
      };
    },
    stop,
  };
}
