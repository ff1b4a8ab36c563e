import { type KubeObject, SPIDER_IP_POOLS } from '#api';
import { Counter } from '#health';
import type { Loop } from '../loops.ts';
import { keepView } from './keep-view.ts';
import { createOwnerFinder, findEndpointFacts } from './spiderpool/endpoint-facts.ts';
import { spiderEndpointView } from './spiderpool/endpoint-view.ts';
import { spiderPoolStatusView } from './spiderpool/pool-status-view.ts';
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
    const namespace = deps.options.viewsNamespace ?? VIEWS_NAMESPACE;
    const writes = new Counter({
      name: 'underlane_view_writes_total',
      help: "Objects of the dialects' kinds written to show claims, by kind",
      labelNames: ['view'],
      registers: [deps.registry],
    });
    const keep = <T extends KubeObject>(view: View<T>): Promise<never> =>
      keepView(view, { ...deps, onWrite: kind => writes.inc({ view: kind }) }, signal);
    const sources = {
      pools: await deps.catalog.of(SPIDER_IP_POOLS, signal),
      nads: deps.nads,
      ownerOf: createOwnerFinder(deps.catalog),
    };
    await deps.pods.ready(signal);
    try {
      await Promise.all([
        keep(whereaboutsPoolView(namespace)),
        keep(whereaboutsReservationView(namespace)),
        keep(nodeSliceView(namespace)),
        keep(spiderPoolStatusView()),
        keep(
          spiderEndpointView({ pods: deps.pods, factsOf: (pod, claims) => findEndpointFacts(pod, claims, sources) }),
        ),
      ]);
    } finally {
      // A replica may lead more than once.
      deps.registry.removeSingleMetric('underlane_view_writes_total');
    }
  },
};
