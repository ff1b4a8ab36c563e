import { IP_ALLOCATIONS, POOL_LABEL } from '#api';
import { count, type Family } from '#ip';
import type { KubeClient } from '#kube';
import { parseClaimName } from './claim-name.ts';
import { poolLabel } from './claim-object.ts';
import type { Pool, SurveyExtent } from './claim-store.ts';
import type { FoundClaim } from './learnt-claims.ts';

export type TakenByFamily = Readonly<Record<Family, readonly FoundClaim[]>>;

/** Whether the claims of a pool are few enough for one answer. */
export function isSmallPool({ usable }: Pick<Pool, 'usable'>): boolean {
  return count(usable) <= SMALL_POOL;
}

const SMALL_POOL = 4_096n;

/**
 * Which of a scope's addresses are held, and for which nodes, of both families at once, since one pool may have both. Costs the server
 * and us a tenth of reading the objects; where they may be very many, they come page by page from its disk.
 * @param notOlderThan as in a list's query
 */
export async function surveyTaken(
  client: KubeClient,
  { scope, ref, usable }: Pick<Pool, 'scope' | 'ref' | 'usable'>,
  extent: SurveyExtent,
  notOlderThan: string,
): Promise<TakenByFamily> {
  const query =
    extent === 'scope'
      ? {}
      : {
          labelSelector: `${POOL_LABEL}=${poolLabel(scope, ref)}`,
          ...(isSmallPool({ usable }) ? { notOlderThan } : {}),
        };
  const rows = await client.listColumns(IP_ALLOCATIONS, ['Name', 'Node'], query);
  const taken: Record<Family, FoundClaim[]> = { 4: [], 6: [] };
  for (const [name = '', node = ''] of rows) {
    const parsed = parseClaimName(name);
    if (parsed?.scope === scope) taken[parsed.ip.family].push({ value: parsed.ip.value, node });
  }
  return taken;
}
