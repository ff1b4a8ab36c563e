import { IP_ALLOCATIONS, type IPAllocation, POOL_LABEL } from '#api';
import type { KubeClient } from '#kube';
import { poolLabel, valueInScope } from './claim-object.ts';
import type { Pool } from './claim-store.ts';

/**
 * Which of a scope's addresses are held, by the objects' names alone.
 * @param extent `pool`: claims of this pool; `scope`: every claim, since pools of one scope may overlap
 */
export async function surveyTaken(
  client: KubeClient,
  pool: Pool,
  extent: 'pool' | 'scope',
  signal?: AbortSignal,
): Promise<ReadonlySet<bigint>> {
  const selector = extent === 'pool' ? { labelSelector: `${POOL_LABEL}=${poolLabel(pool.scope, pool.ref)}` } : {};
  const { items } = await client.list<IPAllocation>(
    IP_ALLOCATIONS,
    { ...selector, metadataOnly: true, limit: 500 },
    signal === undefined ? {} : { signal },
  );
  const taken = new Set<bigint>();
  for (const { metadata } of items) {
    const value = valueInScope(pool, metadata.name);
    if (value !== undefined) taken.add(value);
  }
  return taken;
}
