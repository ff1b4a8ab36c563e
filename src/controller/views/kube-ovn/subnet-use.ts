import type { IPAllocation } from '#api';
import { createGrowingSet, type Family, findPrefix, type GrowingSet } from '#ip';
import type { WatchCache } from '#kube';
import { subnetOf } from './claim-place.ts';

/** Which addresses of Subnets are held. A look costs as much as there are ranges, however many claims there are. */
export interface SubnetUse {
  isUsed(subnet: string): boolean;
  /** Those of one family. */
  of(subnet: string, family: Family): HeldAddresses;
  /** Called with the Subnet of each claim that comes or goes. */
  subscribe(listener: (subnet: string) => void, signal: AbortSignal): void;
}

export type HeldAddresses = Pick<GrowingSet, 'within'>;

/** Follows all claims of Kube-OVN's dialect, until the signal. */
export function followSubnetUse(
  claims: Pick<WatchCache<IPAllocation>, 'list' | 'subscribe'>,
  signal: AbortSignal,
): SubnetUse {
  const subnets = new Map<string, Record<Family, CountedSet>>();
  const listeners = new Set<(subnet: string) => void>();

  function setsOf(subnet: string): Record<Family, CountedSet> {
    const sets = subnets.get(subnet) ?? { 4: createCountedSet(), 6: createCountedSet() };
    subnets.set(subnet, sets);
    return sets;
  }

  function count(claim: IPAllocation | undefined, by: 1 | -1): void {
    const subnet = claim === undefined ? undefined : subnetOf(claim);
    const ip = claim === undefined ? undefined : findPrefix(claim.spec.address);
    if (subnet === undefined || ip === undefined) return;
    setsOf(subnet)[ip.family].count(ip.address, by);
    for (const listener of [...listeners]) listener(subnet);
  }

  for (const claim of claims.list()) count(claim, 1);
  const unsubscribe = claims.subscribe(change => {
    if (change.type === 'relisted') return;
    if (change.type === 'deleted') return count(change.object, -1);
    count(change.previous, -1);
    count(change.object, 1);
  });
  signal.addEventListener('abort', unsubscribe, { once: true });
  return {
    isUsed: subnet => subnets.has(subnet) && Object.values(setsOf(subnet)).some(set => set.size > 0),
    of: (subnet, family) => setsOf(subnet)[family].held,
    subscribe(listener, ending) {
      listeners.add(listener);
      ending.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
  };
}

interface CountedSet {
  readonly size: number;
  readonly held: HeldAddresses;
  count(value: bigint, by: 1 | -1): void;
}

/** In two scopes an address may be held twice. */
function createCountedSet(): CountedSet {
  const held = createGrowingSet();
  const more = new Map<bigint, number>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    held,
    count(value, by) {
      size += by;
      const others = more.get(value) ?? 0;
      if (by === 1) {
        if (!held.add(value)) more.set(value, others + 1);
      } else if (others === 0) {
        held.remove(value);
      } else if (others === 1) {
        more.delete(value);
      } else {
        more.set(value, others - 1);
      }
    },
  };
}
