import { isDeepStrictEqual } from 'node:util';
import { IP_ALLOCATIONS, KUBE_OVN_IP_POOLS } from '#api';
import type { Ip } from '#ip';
import type { PoolCatalog } from '../../catalog/pool-catalog.ts';
import type { KubeOvnIpam } from '../../config/ipam-config.ts';
import { IpamError } from '../../errors.ts';
import { claimName } from '../../store/claim-name.ts';
import type { WishContext, Wishes } from '../../wishes/wishes.ts';
import { workloadOfPod } from '../../wishes/workload-of-pod.ts';
import { readAsk, readAskedFamily } from './asked-of-subnet.ts';
import { findSubnets } from './find-subnets.ts';
import { namespaceOfPod } from './namespace-of-pod.ts';
import { podAnnotations } from './pod-annotations.ts';
import { readPool } from './pool-members.ts';
import { type PoolUser, poolsOfPod, requireOwnAddresses } from './pools-of-pod.ts';
import { routesOfPod } from './routes-of-pod.ts';
import { subnetsFor, usableSubnets } from './usable-subnets.ts';
import { waysOfSubnet } from './ways-of-subnet.ts';

/**
 * What an attachment is to get of Kube-OVN's Subnets. See kube-ovn.md.
 * @throws IpamError BAD_CONFIG, BAD_ANNOTATION, NO_POOL, POOL_NOT_FOR_POD, BAD_POOL; ApiError
 */
export async function kubeOvnWishes(ipam: KubeOvnIpam, context: WishContext): Promise<Wishes> {
  const { pod, source, signal } = context;
  const catalog = requireCatalog(context);
  const { provider } = ipam;
  const annotations = podAnnotations({ ...context, annotations: pod?.metadata.annotations ?? {}, provider });
  const ipPools = (await catalog.of(KUBE_OVN_IP_POOLS, signal))
    .list()
    .map(pool => ({ pool, reading: catalog.read(pool, readPool) }));
  const namespace = await namespaceOfPod(pod, provider, catalog, signal);
  const user: PoolUser = { source, namespace };
  const bound = { provider, annotations, namespace, catalog };
  const found = usableSubnets(await findSubnets(bound, context), ipPools, context.source, catalog);
  const ask = readAsk(annotations, context);
  const { routes, isDefaultRoute, takesDefaultRoute } = routesOfPod(annotations, ipam.routes, context);
  const workload = pod === undefined ? undefined : await workloadOfPod(pod, catalog, signal);
  const ordinal = workload?.kind === 'StatefulSet' ? ordinalOf(workload.member ?? '') : undefined;
  const family = readAskedFamily(annotations, pod);
  const terms = { scope: ipam.scope, isDefaultRoute, namesRoutes: routes.length > 0 };
  const subnets = subnetsFor(found, ask, ipPools);
  const isHeld = async (address: Ip): Promise<boolean> => {
    const claim = await catalog.get(IP_ALLOCATIONS, { name: claimName(ipam.scope, address) }, signal);
    const owner = claim?.spec.owner;
    const isWorkloads = workload !== undefined && isDeepStrictEqual(owner?.workload, workload);
    return isWorkloads || (owner?.podUid !== undefined && owner.podUid === pod?.metadata.uid);
  };
  for (const inUse of subnets) await requireOwnAddresses(inUse, ask, user, isHeld);
  const alternatives = subnets.flatMap(inUse =>
    waysOfSubnet({
      inUse,
      ask: ask.kind === 'pools' ? { kind: 'any' } : ask,
      pools: poolsOfPod(inUse, ipPools, ask, user),
      isPoolAsked: ask.kind === 'pools',
      terms,
      ...(family === undefined ? {} : { family }),
      ...(ordinal === undefined ? {} : { ordinal }),
    }),
  );
  return {
    alternatives,
    fixed: [],
    routes,
    dns: ipam.dns,
    ...(takesDefaultRoute ? { takesDefaultRoute } : {}),
    ...(workload === undefined ? {} : { workload }),
  };
}

function requireCatalog({ catalog, source }: WishContext): PoolCatalog {
  if (catalog !== undefined) return catalog;
  throw new IpamError(
    'NO_POOL',
    `Cannot take an address for ${source}: its Subnet is an object of an API server, and there is none`,
  );
}

/** The number at the end of a pod's name. */
function ordinalOf(name: string): number | undefined {
  const digits = /-(\d+)$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
