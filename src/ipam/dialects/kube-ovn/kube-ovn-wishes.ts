import { isKubeOvns, KUBE_OVN_IP_POOLS, type KubeOvnSubnet, NAMESPACES, type ObjectProblem, type Pod } from '#api';
import { IpamError } from '../../errors.ts';
import type { KubeOvnIpam } from '../../ipam-config.ts';
import type { PoolCatalog } from '../../pool-catalog.ts';
import type { WishContext, Wishes } from '../../wishes.ts';
import { workloadOfPod } from '../../workload-of-pod.ts';
import { type AddressAsk, readAsk, readAskedFamily } from './asked-of-subnet.ts';
import { findSubnets } from './find-subnets.ts';
import { podAnnotations } from './pod-annotations.ts';
import { type ReadPool, readPool } from './pool-members.ts';
import { type PoolUser, poolsOfPod, requireOwnAddresses } from './pools-of-pod.ts';
import { routesOfPod } from './routes-of-pod.ts';
import { readSubnet } from './subnet-networks.ts';
import type { SubnetInUse } from './subnet-pools.ts';
import { hasAsked, waysOfSubnet } from './ways-of-subnet.ts';

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
  const ofNamespace = await namespaceAnnotations(pod, catalog, signal);
  const user: PoolUser = {
    source,
    namespace: pod?.metadata.namespace,
    ofNamespace: [...ofNamespace(`${provider}.kubernetes.io/ip_pool`), ...ofNamespace('ovn.kubernetes.io/ip_pool')],
  };
  const bound = { provider, annotations, ofNamespace: ofNamespace('ovn.kubernetes.io/logical_switch'), catalog };
  const found = usableSubnets(await findSubnets(bound, context), ipPools, context.source, catalog);
  const ask = readAsk(annotations, context);
  const { routes, isDefaultRoute, takesDefaultRoute } = routesOfPod(annotations, ipam.routes, context);
  const workload = pod === undefined ? undefined : await workloadOfPod(pod, catalog, signal);
  const ordinal = workload?.kind === 'StatefulSet' ? ordinalOf(workload.member ?? '') : undefined;
  const family = readAskedFamily(annotations, pod);
  const terms = { scope: ipam.scope, isDefaultRoute, namesRoutes: routes.length > 0 };
  const alternatives = subnetsFor(found, ask, ipPools).flatMap(inUse => {
    requireOwnAddresses(inUse, ask, user);
    return waysOfSubnet({
      inUse,
      ask: ask.kind === 'pools' ? { kind: 'any' } : ask,
      pools: poolsOfPod(inUse, ipPools, ask, user),
      terms,
      ...(family === undefined ? {} : { family }),
      ...(ordinal === undefined ? {} : { ordinal }),
    });
  });
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

/** Lists in the annotations of the pod's namespace. */
async function namespaceAnnotations(
  pod: Pod | undefined,
  catalog: PoolCatalog,
  signal: AbortSignal | undefined,
): Promise<(key: string) => readonly string[]> {
  const name = pod?.metadata.namespace;
  const namespaces = name === undefined ? undefined : await catalog.of(NAMESPACES, signal);
  const annotations = namespaces?.find({ name: name ?? '' })?.metadata.annotations ?? {};
  return key => (annotations[key] ?? '').split(',').flatMap(part => (part.trim() === '' ? [] : [part.trim()]));
}

/** What is wrong is not used; an error only where nothing else is there. */
function usableSubnets(
  subnets: readonly KubeOvnSubnet[],
  ipPools: readonly ReadPool[],
  source: string,
  catalog: Pick<PoolCatalog, 'read'>,
): readonly SubnetInUse[] {
  const problems: string[] = [];
  const usable = subnets.flatMap((subnet): readonly SubnetInUse[] => {
    const { name } = subnet.metadata;
    const reading = catalog.read(subnet, readSubnet);
    const error = reading.problems.find(isError);
    if (error !== undefined) problems.push(`Subnet "${name}": ${error.message}`);
    if (error !== undefined) return [];
    const inUse = {
      subnet,
      networks: reading.networks,
      ipPools: ipPools.filter(({ pool }) => pool.spec.subnet === name),
    };
    return [isKubeOvns(subnet) ? { ...inUse, closed: `Subnet "${name}": ${KEPT}` } : inUse];
  });
  const open = usable.filter(({ closed }) => closed === undefined);
  if (open.length > 0) return open;
  if (usable.length > 0) return usable;
  throw new IpamError('BAD_POOL', `Cannot take an address for ${source}: ${problems.join('; ')}`, { retriable: true });
}

/** Whoever else hands out its addresses does not know of claims, and has perhaps pods with some. */
const KEPT = 'Kube-OVN keeps it, until `underlane migrate --from kube-ovn` takes it over';

function isError({ severity }: ObjectProblem): boolean {
  return severity !== 'warning';
}

/** Of several Subnets those that have what is asked for; where none has it, the first one says so. */
function subnetsFor(
  subnets: readonly SubnetInUse[],
  ask: AddressAsk,
  ipPools: readonly ReadPool[],
): readonly SubnetInUse[] {
  const named =
    ask.kind === 'pools' ? ipPools.find(({ pool }) => pool.metadata.name === ask.names[0])?.pool : undefined;
  const fitting = subnets.filter(
    ({ subnet, networks }) =>
      hasAsked(networks, ask) && (named === undefined || named.spec.subnet === subnet.metadata.name),
  );
  return fitting.length > 0 ? fitting : subnets.slice(0, 1);
}

/** The number at the end of a pod's name. */
function ordinalOf(name: string): number | undefined {
  const digits = /-(\d+)$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
