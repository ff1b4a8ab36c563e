import type { KubeObject, Resource } from '#api';
import type { KnownObjects } from '#attach';
import { findReviewed, type ReviewedKinds } from './reviewed-kinds.ts';

/** Where the cluster's objects of a kind are. Waits until they are known. */
export type ObjectsOf = (
  resource: Resource,
  signal: AbortSignal,
) => Promise<{ readonly list: () => readonly KubeObject[] }>;

/** The cluster's objects of some kinds, as far as they are of their types. Waits until they are known. */
export async function readKnown(
  wanted: readonly Resource[],
  kinds: ReviewedKinds,
  objectsOf: ObjectsOf,
  signal: AbortSignal,
): Promise<KnownObjects> {
  const lists = new Map<string, readonly KubeObject[]>();
  await Promise.all(
    wanted.map(async resource => {
      const source = await objectsOf(resource, signal);
      const isOfType = findReviewed(kinds, resource)?.isOfType;
      lists.set(keyOf(resource), isOfType === undefined ? source.list() : source.list().filter(isOfType));
    }),
  );
  return {
    list<T extends KubeObject>(resource: Resource<T>) {
      // A resource has one type of object.
      return (lists.get(keyOf(resource)) ?? []) as readonly T[];
    },
  };
}

function keyOf({ plural, group }: Resource): string {
  return `${plural}.${group}`;
}
