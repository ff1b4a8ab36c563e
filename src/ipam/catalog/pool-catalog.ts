import type { KubeObject, Resource } from '#api';
import type { Clock, Log } from '#base';
import { type AnsweredCache, createWatchCache, type KubeClient, type ObjectName, type WatchCache } from '#kube';
import { orAbsent } from '../api-retry.ts';
import { createReadings, type Readings } from './readings.ts';
import { createRemembered, type Remembered } from './remembered.ts';
import { untilAnswered } from './until-answered.ts';

/** The cluster's objects, as far as dialects ask for them. */
export interface PoolCatalog extends Readings, Remembered {
  /**
   * All objects of a kind, followed from the first call on; resolves when they are known. A kind that the cluster does not
   * have counts as one without objects.
   * @throws IpamError FORBIDDEN_KIND when the API server does not let us read it
   */
  of<T extends KubeObject>(resource: Resource<T>, signal?: AbortSignal): Promise<ObjectSource<T>>;
  /** The objects of a kind that have this name, one of each namespace; followed likewise, and nothing else of the kind is. */
  named<T extends KubeObject>(resource: Resource<T>, name: string, signal?: AbortSignal): Promise<ObjectSource<T>>;
  /** One object as the API server has it now. @throws ApiError */
  get<T extends KubeObject>(resource: Resource<T>, name: ObjectName, signal?: AbortSignal): Promise<T | undefined>;
}

/** Objects of one kind. */
export type ObjectSource<T extends KubeObject> = Pick<WatchCache<T>, 'find' | 'list' | 'subscribe'>;

export interface PoolCatalogOptions {
  readonly client: KubeClient;
  /** Ends the watches. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** A catalog of watch caches. Each starts when its kind is first asked for: a cluster without a dialect costs nothing. */
export function createPoolCatalog({ client, signal, log, clock }: PoolCatalogOptions): PoolCatalog {
  const caches = new Map<string, AnsweredCache<KubeObject>>();

  function cacheOf<T extends KubeObject>(resource: Resource<T>, name?: string): AnsweredCache<T> {
    const key = `${resource.plural}.${resource.group}/${name ?? ''}`;
    const known = caches.get(key);
    // One resource has one type of object.
    if (known !== undefined) return known as unknown as AnsweredCache<T>;
    const cache = createWatchCache<T>({
      ...{ client, resource, isOptional: true, signal, log },
      ...(name === undefined ? {} : { query: { fieldSelector: `metadata.name=${name}` } }),
      ...(clock === undefined ? {} : { clock }),
    });
    caches.set(key, cache as unknown as AnsweredCache<KubeObject>);
    return cache;
  }

  return {
    ...createReadings(),
    ...createRemembered(clock),
    async of(resource, waiting) {
      const cache = cacheOf(resource);
      await untilAnswered(cache, resource, waiting);
      return cache;
    },
    async named(resource, name, waiting) {
      const cache = cacheOf(resource, name);
      await untilAnswered(cache, resource, waiting);
      return cache;
    },
    get: (resource, name, asking) =>
      orAbsent(client.get(resource, name, asking === undefined ? {} : { signal: asking })),
  };
}
