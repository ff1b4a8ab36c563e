import type { IPAllocation } from '#api';
import type { CacheChange } from '#kube';
import { poolOfClaim, poolText } from './pool-size.ts';

/** How many claims there are of each pool. */
export interface HeldCounts {
  /** By the pool's text. */
  of(pool: string): number;
  apply(change: CacheChange<IPAllocation>): void;
}

/** No claims yet. Every change costs the same, however many there are. */
export function createHeldCounts(): HeldCounts {
  const counts = new Map<string, number>();
  const pools = new Map<string, string>();

  function drop(claim: string): void {
    const pool = pools.get(claim);
    if (pool === undefined) return;
    pools.delete(claim);
    const left = (counts.get(pool) ?? 0) - 1;
    if (left > 0) counts.set(pool, left);
    else counts.delete(pool);
  }

  return {
    of: pool => counts.get(pool) ?? 0,
    apply(change) {
      if (change.type === 'relisted') return;
      const { name } = change.object.metadata;
      drop(name);
      const key = change.type === 'put' ? poolOfClaim(change.object) : undefined;
      if (key === undefined) return;
      const pool = poolText(key);
      pools.set(name, pool);
      counts.set(pool, (counts.get(pool) ?? 0) + 1);
    },
  };
}
