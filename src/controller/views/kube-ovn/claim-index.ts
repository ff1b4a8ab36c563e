import type { IPAllocation } from '#api';
import type { WatchCache } from '#kube';
import { createClaimGroups } from '../claim-groups.ts';
import { placeOf } from './claim-place.ts';

/** Claims by what they have in common, the pod and the network. */
export interface ClaimIndex {
  of(key: string): readonly IPAllocation[];
  /** Called with the keys of each claim that changes. */
  subscribe(listener: (keys: readonly string[]) => void, signal: AbortSignal): void;
}

/** All claims by the pod, or virtual machine, and its network: those of all interfaces that it has of one. */
export function claimsByNetwork(
  claims: Pick<WatchCache<IPAllocation>, 'list' | 'subscribe'>,
  signal: AbortSignal,
): ClaimIndex {
  const groups = createClaimGroups(claim => {
    const key = networkKey(claim);
    return key === undefined ? [] : [{ name: key }];
  });
  const listeners = new Set<(keys: readonly string[]) => void>();
  for (const object of claims.list()) groups.apply({ type: 'put', object });
  const unsubscribe = claims.subscribe(change => {
    const keys = groups.apply(change).map(({ name }) => name);
    for (const listener of [...listeners]) if (keys.length > 0) listener(keys);
  });
  signal.addEventListener('abort', unsubscribe, { once: true });
  return {
    of: key => groups.of({ name: key }),
    subscribe(listener, ending) {
      listeners.add(listener);
      ending.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
  };
}

/** undefined for a claim that shows nowhere. */
export function networkKey(claim: IPAllocation): string | undefined {
  const place = placeOf(claim);
  return place === undefined ? undefined : JSON.stringify([place.namespace, place.holder, place.provider]);
}
