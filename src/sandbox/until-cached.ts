import type { KubeObject } from '#api';
import type { WatchCache } from '#kube';

/**
 * Waits until `select` finds what it looks for in the cache; asked again after every change.
 * Undefined when `signal` aborts first.
 */
export function untilCached<T extends KubeObject, R>(
  cache: WatchCache<T>,
  select: (objects: readonly T[]) => R | undefined,
  signal: AbortSignal,
): Promise<R | undefined> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
    };
    const look = (): void => {
      try {
        const found = select(cache.list());
        if (found === undefined) return;
        finish();
        resolve(found);
      } catch (error) {
        finish();
        reject(error);
      }
    };
    const onAbort = (): void => {
      finish();
      resolve(undefined);
    };
    const unsubscribe = cache.subscribe(look);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else look();
  });
}
