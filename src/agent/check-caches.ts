import type { Checks } from '#health';
import { problemOfCache } from '#kube';
import type { Cluster } from './join-cluster.ts';

/** An agent whose copies of the cluster are not complete answers more slowly, by asking the API server: it is not ready then. */
export function checkCaches(
  checks: Checks,
  { api, claims }: Pick<Cluster, 'claims'> & { readonly api: Followed },
): void {
  checks.set('pods', () => problemOfCache(api.pods));
  checks.set('network-attachment-definitions', () => problemOfCache(api.nads));
  checks.set('ipallocations', () => problemOfCache(claims));
}

type Followed = Pick<Cluster['api'], 'nads' | 'pods'>;
