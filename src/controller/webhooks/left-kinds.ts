import { KUBE_OVN_SUBNETS, type Resource } from '#api';
import { leftToOthers, type PoolCatalog } from '#ipam';

/** Whether objects of a kind are somebody else's to judge at the moment. Rejects when that cannot be said now. */
export type IsLeftToOthers = (resource: Resource, signal: AbortSignal) => Promise<boolean>;

/** While Kube-OVN's controller is meant to run, its kinds are its own: it takes what we would refuse, and completes them itself. */
export function leftKinds(catalog: Pick<PoolCatalog, 'named'>): IsLeftToOthers {
  return async ({ group }, signal) =>
    group === KUBE_OVN_SUBNETS.group && (await leftToOthers(['kube-ovn'], catalog, signal)).has('kube-ovn');
}
