import { type KubeObject, type Resource, SPIDER_IP_POOLS, SPIDER_SUBNETS } from '#api';
import { createWatchCache, type WatchCache } from '#kube';
import { count } from '../count.ts';
import type { Loop } from '../loop.ts';
import { keepView } from './keep-view.ts';
import { kubeOvnViews } from './kube-ovn/kube-ovn-views.ts';
import { createOwnerFinder, findEndpointFacts } from './spiderpool/endpoint-facts.ts';
import { spiderEndpointView } from './spiderpool/endpoint-view.ts';
import { spiderPoolStatusView } from './spiderpool/pool-status-view.ts';
import { spiderReservedFamilyView } from './spiderpool/reserved-family-view.ts';
import { spiderSubnetStatusView } from './spiderpool/subnet-status-view.ts';
import type { View } from './view.ts';
import { nodeSliceView } from './whereabouts/node-slice-view.ts';
import { whereaboutsPoolView } from './whereabouts/pool-view.ts';
import { whereaboutsReservationView } from './whereabouts/reservation-view.ts';

/** Where Whereabouts keeps its objects unless it is told otherwise. */
const VIEWS_NAMESPACE = 'kube-system';
const WRITES = {
  name: 'underlane_view_writes_total',
  help: "Objects of the dialects' kinds written to show claims, by kind",
  label: 'view',
};

/** Keeps the objects of the dialects as the claims are. One replica does; two would write the same. */
export const VIEWS_LOOP: Loop = {
  name: 'views',
  runsOn: 'leader',
  async start(deps, signal) {
    const { client, log, clock, catalog, pods, nads } = deps;
    const namespace = deps.options.viewsNamespace ?? VIEWS_NAMESPACE;
    const follow = <T extends KubeObject>(resource: Resource<T>): WatchCache<T> =>
      createWatchCache({ client, resource, isOptional: true, signal, log, clock });
    const [pools, subnets] = await Promise.all([
      catalog.of(SPIDER_IP_POOLS, signal),
      catalog.of(SPIDER_SUBNETS, signal),
    ]);
    const facts = { pools, nads, ownerOf: createOwnerFinder(catalog) };
    const kubeOvn = kubeOvnViews(deps, follow, signal);
    const keep = <T extends KubeObject>(view: View<T>): Promise<never> =>
      keepView(view, { ...deps, onWrite: kind => count(deps.registry, WRITES, kind) }, signal);
    await Promise.all([
      keep(whereaboutsPoolView(namespace)),
      keep(whereaboutsReservationView(namespace)),
      keep(nodeSliceView(namespace)),
      keep(spiderPoolStatusView(pools)),
      keep(spiderSubnetStatusView(pools, subnets)),
      keep(spiderReservedFamilyView()),
      keep(spiderEndpointView({ pods, factsOf: (pod, claims) => findEndpointFacts(pod, claims, facts) })),
      keep(kubeOvn.subnets),
      keep(kubeOvn.ipPools),
      keep(kubeOvn.ips),
      keep(kubeOvn.pods),
    ]);
  },
};
