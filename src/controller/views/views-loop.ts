import { type KubeObject, type Resource, SPIDER_IP_POOLS, SPIDER_SUBNETS } from '#api';
import { Counter, type Registry } from '#health';
import { createWatchCache, type WatchCache } from '#kube';
import type { Loop } from '../loops.ts';
import { keepView } from './keep-view.ts';
import { createOwnerFinder, findEndpointFacts } from './spiderpool/endpoint-facts.ts';
import { spiderEndpointView } from './spiderpool/endpoint-view.ts';
import { spiderPoolStatusView } from './spiderpool/pool-status-view.ts';
import { spiderSubnetStatusView } from './spiderpool/subnet-status-view.ts';
import type { View } from './view.ts';
import { nodeSliceView } from './whereabouts/node-slice-view.ts';
import { whereaboutsPoolView } from './whereabouts/pool-view.ts';
import { whereaboutsReservationView } from './whereabouts/reservation-view.ts';

/** Where Whereabouts keeps its objects unless it is told otherwise. */
const VIEWS_NAMESPACE = 'kube-system';

/** Keeps the objects of the dialects as the claims are. One replica does; two would write the same. */
export const VIEWS_LOOP: Loop = {
  name: 'views',
  runsOn: 'leader',
  async start(deps, signal) {
    const { client, log, clock, catalog, pods, nads } = deps;
    const namespace = deps.options.viewsNamespace ?? VIEWS_NAMESPACE;
    const follow = <T extends KubeObject>(resource: Resource<T>): WatchCache<T> =>
      createWatchCache({ client, resource, isOptional: true, signal, log, clock });
    const [pools, subnets] = [follow(SPIDER_IP_POOLS), follow(SPIDER_SUBNETS)];
    const facts = { pools, nads, ownerOf: createOwnerFinder(catalog) };
    const writes = countWrites(deps.registry);
    const keep = <T extends KubeObject>(view: View<T>): Promise<never> =>
      keepView(view, { ...deps, onWrite: kind => writes.inc({ view: kind }) }, signal);
    await Promise.all([
      keep(whereaboutsPoolView(namespace)),
      keep(whereaboutsReservationView(namespace)),
      keep(nodeSliceView(namespace)),
      keep(spiderPoolStatusView(pools)),
      keep(spiderSubnetStatusView(pools, subnets)),
      keep(spiderEndpointView({ pods, pools, factsOf: (pod, claims) => findEndpointFacts(pod, claims, facts) })),
    ]);
  },
};

const WRITES = 'underlane_view_writes_total';

/** Of all the times that this replica leads. */
function countWrites(registry: Registry): Counter<'view'> {
  // Whoever registered the name is the function below.
  const known = registry.getSingleMetric(WRITES) as Counter<'view'> | undefined;
  if (known !== undefined) return known;
  return new Counter({
    name: WRITES,
    help: "Objects of the dialects' kinds written to show claims, by kind",
    labelNames: ['view'],
    registers: [registry],
  });
}
