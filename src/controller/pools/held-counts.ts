import type { IPAllocation } from '#api';
import type { CacheChange } from '#kube';
import { poolOfClaim, poolText } from './pool-size.ts';

/** How many claims there are of each pool. */
export interface HeldCounts {
  /** By the pool's text. */
  of(pool: string): number;
  /** Those among them that nobody gets for a while, since somebody else on the network has the address. */
  inQuarantine(pool: string): number;
  apply(change: CacheChange<IPAllocation>): void;
}

/** No claims yet. Every change costs the same, however many there are. */
export function createHeldCounts(): HeldCounts {
  const all = createTally();
  const quarantined = createTally();
  return {
    of: all.of,
    inQuarantine: quarantined.of,
    apply(change) {
      if (change.type === 'relisted') return;
      const { metadata, spec } = change.object;
      const key = change.type === 'put' ? poolOfClaim(change.object) : undefined;
      const pool = key === undefined ? undefined : poolText(key);
      all.put(metadata.name, pool);
      quarantined.put(metadata.name, spec.policy === 'Quarantine' ? pool : undefined);
    },
  };
}

/** Counts members by their group. */
function createTally(): { of(group: string): number; put(member: string, group: string | undefined): void } {
  const counts = new Map<string, number>();
  const groups = new Map<string, string>();

  function add(group: string, count: number): void {
    const sum = (counts.get(group) ?? 0) + count;
    if (sum > 0) counts.set(group, sum);
    else counts.delete(group);
  }

  return {
    of: group => counts.get(group) ?? 0,
    put(member, group) {
      const former = groups.get(member);
      if (former === group) return;
      if (former !== undefined) add(former, -1);
      if (group === undefined) groups.delete(member);
      else {
        groups.set(member, group);
        add(group, 1);
      }
    },
  };
}
