import type { KubeObject } from '#api';
import { followLeftToOthers, leftToOthers, type PoolCatalog } from '#ipam';
import type { View } from '../view.ts';

/** Whether Kube-OVN itself manages the cluster's Subnets. */
export interface ForeignRule {
  /** @throws ApiError */
  isForeign(): Promise<boolean>;
  /** Called when it begins or ceases to, for those who have asked. */
  subscribe(listener: () => void, signal: AbortSignal): void;
}

/** Follows the answer from the first question on, until the signal: a cluster without Subnets is asked nothing. */
export function foreignRule(catalog: Pick<PoolCatalog, 'named'>, signal: AbortSignal): ForeignRule {
  const listeners = new Set<() => void>();
  let followed: Promise<void> | undefined;
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  return {
    async isForeign() {
      // What could not be followed is tried anew by the next question.
      followed ??= followLeftToOthers(catalog, tell, signal).catch((error: unknown) => {
        followed = undefined;
        throw error;
      });
      await followed;
      return (await leftToOthers(['kube-ovn'], catalog, signal)).has('kube-ovn');
    },
    subscribe(listener, ending) {
      listeners.add(listener);
      ending.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
  };
}

/** The view, written only as long as the rule says no; all of it is looked at again when that changes. */
export function unlessForeign<T extends KubeObject>(view: View<T>, rule: ForeignRule): View<T> {
  return {
    ...view,
    async compare(seen) {
      const change = await view.compare(seen);
      if (change.kind === 'none' || change.kind === 'foreign') return change;
      return (await rule.isForeign()) ? { kind: 'foreign' } : change;
    },
    follow(touch, signal, touchAll) {
      view.follow?.(touch, signal, touchAll);
      rule.subscribe(touchAll, signal);
    },
  };
}
