import type { SpiderIPPool } from '#api';
import type { Aside } from '#base';
import type { ObjectSource } from '../../catalog/pool-catalog.ts';

/** For how long, and how, a pool is waited for. */
export interface PoolWait {
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly aside: Aside | undefined;
}

/** The pool that `isIt` knows, as soon as the watch tells of it; undefined when none comes in time, or the signal aborts. */
export async function waitForPool(
  source: ObjectSource<SpiderIPPool>,
  isIt: (pool: SpiderIPPool) => boolean,
  { waitMs, signal, aside = wait => wait() }: PoolWait,
): Promise<SpiderIPPool | undefined> {
  return source.list().find(isIt) ?? (await aside(() => nextPool(source, isIt, waitMs, signal)));
}

function nextPool(
  source: ObjectSource<SpiderIPPool>,
  isIt: (pool: SpiderIPPool) => boolean,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<SpiderIPPool | undefined> {
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
