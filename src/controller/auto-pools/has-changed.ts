import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '#api';
import type { CacheChange } from '#kube';

/**
 * Whether a change is one of what an object is to be: counters and conditions of workloads and pools change all the time.
 * @param essence what of it counts beside labels, finalizers and deletion
 */
export function hasChanged<T extends KubeObject>(change: CacheChange<T>, essence: (object: T) => unknown): boolean {
  if (change.type !== 'put' || change.previous === undefined) return true;
  const { object, previous } = change;
  return !isDeepStrictEqual(textOf(object, essence), textOf(previous, essence));
}

function textOf<T extends KubeObject>(object: T, essence: (object: T) => unknown): unknown {
  const { labels, finalizers, deletionTimestamp, uid } = object.metadata;
  return { labels, finalizers, deletionTimestamp, uid, essence: essence(object) };
}
