import { type Application, DEPLOYMENTS } from '#api';
import type { PoolCatalog } from './pool-catalog.ts';

const CONTROLLER = 'kube-ovn-controller';

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
  const controllers = await catalog.named(DEPLOYMENTS, CONTROLLER, signal);
  return new Set(controllers.list().some(isMeant) ? ['kube-ovn'] : []);
}

/**
 * Calls the listener whenever `leftToOthers` begins to answer something else, until the signal. Resolves when it listens.
 * @throws ApiError
 */
export async function followLeftToOthers(
  catalog: Pick<PoolCatalog, 'named'>,
  listener: () => void,
  signal: AbortSignal,
): Promise<void> {
  const controllers = await catalog.named(DEPLOYMENTS, CONTROLLER, signal);
  let before = controllers.list().some(isMeant);
  const unsubscribe = controllers.subscribe(() => {
    const now = controllers.list().some(isMeant);
    if (now === before) return;
    before = now;
    listener();
  });
  signal.addEventListener('abort', unsubscribe, { once: true });
}

function isMeant({ metadata, spec }: Application): boolean {
  return metadata.deletionTimestamp === undefined && spec.replicas !== 0;
}
