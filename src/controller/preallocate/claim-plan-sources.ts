import type { ClaimPlanSources } from '#attach';
import type { ControllerDeps } from '../deps.ts';

const DEFAULT_MULTUS_NAMESPACE = 'kube-system';

/** What the controller knows of pods' networks. */
export function claimPlanSources({ nads, client, catalog, options }: ControllerDeps): ClaimPlanSources {
  const [namespace, name] = options.clusterNetwork?.split('/') ?? [];
  return {
    nads: { cache: nads, client },
    catalog,
    multusNamespace: options.multusNamespace ?? DEFAULT_MULTUS_NAMESPACE,
    ...(namespace === undefined || name === undefined ? {} : { clusterNetwork: { namespace, name } }),
  };
}
