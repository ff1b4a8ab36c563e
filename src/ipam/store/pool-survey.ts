import { IP_ALLOCATIONS, type IPAllocation, POOL_LABEL } from '#api';
import type { Family } from '#ip';
import type { KubeClient } from '#kube';
import { parseClaimName } from './claim-name.ts';
import { poolLabel } from './claim-object.ts';
import type { Pool } from './claim-store.ts';

/** `pool`: claims of this pool; `scope`: every claim, since pools of one scope may overlap. */
export type SurveyExtent = 'pool' | 'scope';

export type TakenByFamily = Readonly<Record<Family, ReadonlySet<bigint>>>;

/** Which of a scope's addresses are held, by the objects' names alone: of both families at once, since one pool may have both. */
export async function surveyTaken(
  client: KubeClient,
  { scope, ref }: Pick<Pool, 'scope' | 'ref'>,
  extent: SurveyExtent,
): Promise<TakenByFamily> {
  const selector = extent === 'pool' ? { labelSelector: `${POOL_LABEL}=${poolLabel(scope, ref)}` } : {};
  const { items } = await client.list<IPAllocation>(
    IP_ALLOCATIONS,
    { ...selector, metadataOnly: true, limit: 500 },
    {},
  );
  const taken = { 4: new Set<bigint>(), 6: new Set<bigint>() };
  for (const { metadata } of items) {
    const parsed = parseClaimName(metadata.name);
    if (parsed?.scope === scope) taken[parsed.ip.family].add(parsed.ip.value);
  }
  return taken;
}
