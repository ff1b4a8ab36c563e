import type { KubeObject, Resource } from '#api';
import type { KnownObjects } from '#attach';
import type { PoolCatalog } from '#ipam';

/** Where the cluster's objects are. */
export type ObjectsOf = PoolCatalog['of'];

/** The cluster's objects of some kinds. Waits until they are known. */
export async function readKnown(
  kinds: readonly Resource[],
  objectsOf: ObjectsOf,
  signal: AbortSignal,
): Promise<KnownObjects> {
  const lists = new Map<string, readonly KubeObject[]>();
  await Promise.all(
    kinds.map(async resource => {
      const source = await objectsOf(resource, signal);
      lists.set(keyOf(resource), source.list());
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
