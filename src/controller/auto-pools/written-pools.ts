import type { SpiderIPPool } from '#api';
import type { WatchCache } from '#kube';

/** The pools as they are, what this process wrote itself among them before the watch tells of it: else an address would be given twice. */
export interface WrittenPools {
  list(): readonly SpiderIPPool[];
  noteWritten(pool: SpiderIPPool): void;
}

/** Follows `source` until the signal. */
export function createWrittenPools(
  source: Pick<WatchCache<SpiderIPPool>, 'list' | 'subscribe'>,
  signal: AbortSignal,
): WrittenPools {
  const written = new Map<string, SpiderIPPool>();
  const forget = source.subscribe(change => {
    if (change.type === 'relisted') return;
    const own = written.get(change.object.metadata.name);
    const isGone = change.type === 'deleted' && change.object.metadata.uid === own?.metadata.uid;
    if (own !== undefined && (isGone || isAsNew(change.object, own))) written.delete(own.metadata.name);
  });
  signal.addEventListener('abort', forget, { once: true });
  return {
    list() {
      const told = source.list().filter(({ metadata }) => !written.has(metadata.name));
      return [...told, ...written.values()];
    },
    noteWritten(pool) {
      const { name } = pool.metadata;
      if (!source.list().some(known => known.metadata.name === name && isAsNew(known, pool))) written.set(name, pool);
    },
  };
}

/** Versions count upwards on all API servers that are known, though nobody promises it. */
function isAsNew(told: SpiderIPPool, written: SpiderIPPool): boolean {
  return Number(told.metadata.resourceVersion) >= Number(written.metadata.resourceVersion);
}
