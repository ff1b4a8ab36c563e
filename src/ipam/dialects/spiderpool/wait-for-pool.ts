import type { SpiderIPPool } from '#api';
import type { ObjectSource } from '../../catalog/pool-catalog.ts';

/** The pool that `isIt` knows, as soon as the watch tells of it; undefined when none comes in time, or `signal` aborts. */
export function waitForPool(
  source: ObjectSource<SpiderIPPool>,
  isIt: (pool: SpiderIPPool) => boolean,
  waitMs: number,
  signal?: AbortSignal,
): Promise<SpiderIPPool | undefined> {
  const there = source.list().find(isIt);
  if (there !== undefined) return Promise.resolve(there);
  const end = AbortSignal.any([AbortSignal.timeout(waitMs), ...(signal === undefined ? [] : [signal])]);
  return new Promise(resolve => {
    const settle = (pool: SpiderIPPool | undefined): void => {
      unsubscribe();
      end.removeEventListener('abort', giveUp);
      resolve(pool);
    };
    const giveUp = (): void => settle(undefined);
    const unsubscribe = source.subscribe(change => {
      if (change.type === 'put' && isIt(change.object)) settle(change.object);
    });
    end.addEventListener('abort', giveUp);
    if (end.aborted) giveUp();
  });
}
