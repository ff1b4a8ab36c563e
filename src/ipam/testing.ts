/** The cluster's objects, for the tests of dialects. */
import type { KubeObject, Resource } from '#api';
import type { ObjectSource, PoolCatalog } from './catalog/pool-catalog.ts';
import { createReadings } from './catalog/readings.ts';

/** A catalog of these objects. */
export function catalogOf(
  objects: readonly (readonly [Resource, KubeObject])[] = [],
): PoolCatalog & { put(resource: Resource, object: KubeObject): void } {
  const all = [...objects];
  const listeners = new Set<(change: { type: 'put'; object: KubeObject }) => void>();
  const keyOf = ({ namespace = '', name }: { readonly namespace?: string; readonly name: string }): string =>
    `${namespace}/${name}`;
  function list<T extends KubeObject>(resource: Resource<T>): readonly T[] {
    // The test has put objects of that kind there.
    return all.flatMap(([of, object]) =>
      of.plural === resource.plural && of.group === resource.group ? [object as T] : [],
    );
  }
  function find<T extends KubeObject>(
    resource: Resource<T>,
    name: { readonly namespace?: string; readonly name: string },
  ): T | undefined {
    return list(resource).find(({ metadata }) => keyOf(metadata) === keyOf(name));
  }
  function sourceOf<T extends KubeObject>(
    resource: Resource<T>,
    isOf: (object: T) => boolean = () => true,
  ): ObjectSource<T> {
    return {
      find: name => list(resource).find(object => isOf(object) && keyOf(object.metadata) === keyOf(name)),
      list: () => list(resource).filter(isOf),
      subscribe(listener) {
        const own = listener as (change: { type: 'put'; object: KubeObject }) => void;
        listeners.add(own);
        return () => void listeners.delete(own);
      },
    };
  }
  return {
    of: async resource => sourceOf(resource),
    named: async (resource, name) => sourceOf(resource, object => object.metadata.name === name),
    get: async (resource, name) => find(resource, name),
    remember: (_key, find) => find(),
    ...createReadings(),
    put(resource, object) {
      all.push([resource, object]);
      for (const listener of [...listeners]) listener({ type: 'put', object });
    },
  };
}
