import type { Checks } from '#health';
import { problemOfCache } from '#kube';
import type { ClusterCaches } from './deps.ts';

/** A replica that does not follow the cluster would review objects by what they are held against no more: it is not ready then. */
export function checkCaches(checks: Checks, { claims, leases, nads, nodes, pods }: ClusterCaches): void {
  const followed = { ipallocations: claims, pods, nodes, leases, 'network-attachment-definitions': nads };
  for (const [name, cache] of Object.entries(followed)) checks.set(name, () => problemOfCache(cache));
}
