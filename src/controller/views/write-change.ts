import type { KubeObject, Resource } from '#api';
import type { KubeClient, ObjectName } from '#kube';
import type { ViewChange } from './view.ts';

/** The object as it was when it was compared. */
export interface ComparedObject<T extends KubeObject> {
  readonly client: KubeClient;
  readonly resource: Resource<T>;
  readonly name: ObjectName;
  readonly object: T | undefined;
  readonly signal: AbortSignal;
}

/**
 * Writes what was missing, if the object still is as it was.
 * @returns the object as it is then; undefined when it was deleted
 * @throws ApiError; Conflict and AlreadyExists say that it is not as it was
 */
export async function writeChange<T extends KubeObject>(
  { client, resource, name, object, signal }: ComparedObject<T>,
  change: Exclude<ViewChange<T>, { readonly kind: 'none' | 'foreign' }>,
): Promise<T | undefined> {
  if (change.kind === 'create') return client.create(resource, change.object, { signal });
  const { uid, resourceVersion } = object?.metadata ?? {};
  const seen = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  if (change.kind === 'delete') {
    await client.delete(resource, name, { signal, preconditions: seen });
    return undefined;
  }
  const { body, subresource } = change;
  const patch = { ...body, metadata: { ...body.metadata, ...seen } };
  return client.mergePatch(resource, name, patch, { signal, ...(subresource === undefined ? {} : { subresource }) });
}
