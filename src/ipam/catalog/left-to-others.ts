import { DEPLOYMENTS } from '#api';
import type { PoolCatalog } from './pool-catalog.ts';

/**
 * IPAM types that are read here and yet belong to their own plugins in this cluster. Where Kube-OVN's controller is meant to run,
 * its Subnets are its own: it hands out their addresses, and its plugin tells them. One that is down for a while, or is being
 * upgraded, has them all the same; one that was deleted, or scaled to none, has them no more.
 * @param types those that are asked about
 * @throws ApiError
 */
export async function leftToOthers(
  types: readonly string[],
  catalog: Pick<PoolCatalog, 'named'> | undefined,
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  if (!types.includes('kube-ovn') || catalog === undefined) return new Set();
  const controllers = await catalog.named(DEPLOYMENTS, 'kube-ovn-controller', signal);
  const isMeant = controllers.some(
    ({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.replicas !== 0,
  );
  return new Set(isMeant ? ['kube-ovn'] : []);
}
