import type { KubeObject, Resource } from '#api';
import type { KnownObjects } from '#attach';
import { findReviewed, type ReviewedKinds } from './reviewed-kinds.ts';

/** Where the cluster's objects of a kind are. Waits until they are known. */
export type ObjectsOf = (
  resource: Resource,
  signal: AbortSignal,
) => Promise<{ readonly list: () => readonly KubeObject[] }>;

/** Reads the cluster's objects of some kinds, as far as they are of their types. Waits until they are known. */
export type KnownReader = (wanted: readonly Resource[], signal: AbortSignal) => Promise<KnownObjects>;

export function createKnownReader(kinds: ReviewedKinds, objectsOf: ObjectsOf): KnownReader {
  /** Copies of the cluster keep an object as it is until it changes; a list of thousands of addresses is worth remembering. */
  const sound = new WeakMap<KubeObject, boolean>();
  const isSound = (object: KubeObject, isOfType: (object: KubeObject) => boolean): boolean => {
    const known = sound.get(object) ?? isOfType(object);
    sound.set(object, known);
    return known;
  };

  return async (wanted, signal) => {
    const lists = new Map<string, readonly KubeObject[]>();
    await Promise.all(
      wanted.map(async resource => {
        const objects = (await objectsOf(resource, signal)).list();
        const isOfType = findReviewed(kinds, resource)?.isOfType;
        lists.set(
          keyOf(resource),
          isOfType === undefined ? objects : objects.filter(object => isSound(object, isOfType)),
        );
      }),
    );
    return {
      list<T extends KubeObject>(resource: Resource<T>) {
        // A resource has one type of object.
        return (lists.get(keyOf(resource)) ?? []) as readonly T[];
      },
    };
  };
}

function keyOf({ plural, group }: Resource): string {
  return `${plural}.${group}`;
}
