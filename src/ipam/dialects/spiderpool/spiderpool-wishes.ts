import { type KubeObject, NAMESPACES, type Pod, SPIDER_IP_POOLS, SPIDER_RESERVED_IPS } from '#api';
import type { PoolCatalog } from '../../catalog/pool-catalog.ts';
import type { SpiderpoolIpam } from '../../config/ipam-config.ts';
import { IpamError } from '../../errors.ts';
import type { Wish, WishContext, Wishes } from '../../wishes/wishes.ts';
import { workloadOfPod } from '../../wishes/workload-of-pod.ts';
import { annotationOf, ROUTES_ANNOTATION } from './annotations.ts';
import { askerOf } from './asker-of.ts';
import { candidateNames } from './candidate-names.ts';
import { findCandidates, haveGrown } from './find-candidates.ts';
import { openPools } from './open-pools.ts';
import { reservedAddresses } from './reserved-addresses.ts';
import { parseRoutes } from './routes.ts';
import { withAsked } from './with-asked.ts';

/**
 * What an attachment is to get of Spiderpool's pools. See docs/spiderpool.md.
 * @throws IpamError BAD_CONFIG, BAD_ANNOTATION, NO_POOL, POOL_NOT_FOR_POD, BAD_POOL, ADDRESS_OUTSIDE_POOL; ApiError
 */
export async function spiderpoolWishes(ipam: SpiderpoolIpam, context: WishContext): Promise<Wishes> {
  const { pod, source, signal, interface: own, interfaces } = context;
  const catalog = requireCatalog(context);
  const namespace = await namespaceOf(pod, catalog, signal);
  const named = candidateNames({ pod, namespace, config: ipam, interface: own, interfaces });
  const routes = annotationOf(pod, ROUTES_ANNOTATION, 'pod');
  const pools = await catalog.of(SPIDER_IP_POOLS, signal);
  const reserved = (await catalog.of(SPIDER_RESERVED_IPS, signal)).list();
  const candidates = await findCandidates(named, { pools, catalog, context });
  const asker = await askerOf(
    candidates.flatMap(list => list.pools),
    context,
    namespace,
    catalog,
  );
  const use = {
    scope: ipam.scope,
    cleanGateway: (named.level === 'pod' ? named.cleanGateway : undefined) ?? ipam.cleanGateway,
    podRoutes: routes === undefined ? [] : parseRoutes(routes),
  };
  const masters = ipam.matchMasterSubnet ? { masters: context.masterAddresses?.() ?? [] } : {};
  const wishes = candidates.map((list): Wish => {
    const ofFamily = { ...use, reserved: reservedAddresses(reserved, list.family, catalog) };
    return openPools(list, { use: ofFamily, asker: { ...asker, ...masters }, catalog, source });
  });
  const more = async (later: AbortSignal | undefined): Promise<Wishes | undefined> =>
    (await haveGrown(candidates, pools, { signal: later, aside: context.aside }))
      ? spiderpoolWishes(ipam, context)
      : undefined;
  const workload = pod === undefined ? undefined : await workloadOfPod(pod, catalog, signal);
  return {
    alternatives: [withAsked(wishes, context)],
    ...(named.level === 'subnet' ? { more } : {}),
    fixed: [],
    routes: ipam.routes,
    dns: ipam.dns,
    ...(workload === undefined ? {} : { workload }),
  };
}

function requireCatalog({ catalog, source }: WishContext): PoolCatalog {
  if (catalog !== undefined) return catalog;
  throw new IpamError(
    'NO_POOL',
    `Cannot take an address for ${source}: its IPPools are objects of an API server, and there is none`,
  );
}

/** A namespace that was made a moment ago may not have come by watch. @throws ApiError */
async function namespaceOf(
  pod: Pod | undefined,
  catalog: PoolCatalog,
  signal: AbortSignal | undefined,
): Promise<KubeObject | undefined> {
  if (pod === undefined) return undefined;
  const { namespace: name = 'default' } = pod.metadata;
  const namespaces = await catalog.of(NAMESPACES, signal);
  return namespaces.find({ name }) ?? (await catalog.get(NAMESPACES, { name }, signal));
}
