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
import { leftToOthers } from '#ipam';
import type { WatchCache } from '#kube';
import type { ControllerDeps } from '../../deps.ts';
import type { View } from '../view.ts';
import { claimsByNetwork } from './claim-index.ts';
import { kubeOvnIPPoolView } from './ip-pool-status-view.ts';
import { kubeOvnIPView } from './ip-view.ts';
import { kubeOvnPodView } from './pod-annotations-view.ts';
import { kubeOvnSubnetView } from './subnet-status-view.ts';
import { followSubnetUse } from './subnet-use.ts';

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
    isForeign: async () => (await leftToOthers(['kube-ovn'], deps.catalog, signal)).has('kube-ovn'),
    now: () => deps.clock.now(),
  };
  return {
    subnets: kubeOvnSubnetView(sources),
    ipPools: kubeOvnIPPoolView(follow(KUBE_OVN_IP_POOLS), sources),
    ips: kubeOvnIPView(claimsByNetwork(deps.claims, signal), sources),
    pods: kubeOvnPodView(sources),
  };
}
