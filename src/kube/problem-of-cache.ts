import type { KubeObject } from '#api';
import type { WatchCache } from './watch-cache.ts';

/** What keeps a copy from being believed, for who asks whether a daemon is ready. */
export function problemOfCache({ isFresh }: Pick<WatchCache<KubeObject>, 'isFresh'>): string | undefined {
  return isFresh ? undefined : 'not in step with the API server: nothing was listed yet, or the watch is broken';
}
