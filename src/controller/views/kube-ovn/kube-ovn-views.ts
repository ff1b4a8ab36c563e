import {
  KUBE_OVN_IP_POOLS,
  KUBE_OVN_SUBNETS,
  type KubeObject,
  type KubeOvnIP,
  type KubeOvnIPPool,
  type KubeOvnSubnet,
  type Pod,
  type Resource,
} from '#api';
import type { WatchCache } from '#kube';
import type { ControllerDeps } from '../../deps.ts';
import type { View } from '../view.ts';
import { claimsByNetwork } from './claim-index.ts';
import { kubeOvnIPPoolView } from './ip-pool-status-view.ts';
import { kubeOvnIPView } from './ip-view.ts';
import { kubeOvnPodView } from './pod-annotations-view.ts';
import { kubeOvnSubnetView } from './subnet-status-view.ts';
import { followSubnetUse } from './subnet-use.ts';
import { foreignRule, unlessForeign } from './unless-foreign.ts';

/** What people look at who know Kube-OVN. None is written where Kube-OVN itself manages its Subnets. */
export interface KubeOvnViews {
  readonly subnets: View<KubeOvnSubnet>;
  readonly ipPools: View<KubeOvnIPPool>;
  readonly ips: View<KubeOvnIP>;
  readonly pods: View<Pod>;
}

/** Follows what the views need, until the signal. */
export function kubeOvnViews(
  deps: Pick<ControllerDeps, 'claims' | 'pods' | 'nads' | 'catalog' | 'clock'>,
  follow: <T extends KubeObject>(resource: Resource<T>) => WatchCache<T>,
  signal: AbortSignal,
): KubeOvnViews {
  const sources = {
    ...deps,
    subnets: follow(KUBE_OVN_SUBNETS),
    use: followSubnetUse(deps.claims, signal),
    now: () => deps.clock.now(),
  };
  const rule = foreignRule(deps.catalog, signal);
  return {
    subnets: unlessForeign(kubeOvnSubnetView(sources), rule),
    ipPools: unlessForeign(kubeOvnIPPoolView(follow(KUBE_OVN_IP_POOLS), sources), rule),
    ips: unlessForeign(kubeOvnIPView(claimsByNetwork(deps.claims, signal)), rule),
    pods: unlessForeign(kubeOvnPodView(sources), rule),
  };
}
