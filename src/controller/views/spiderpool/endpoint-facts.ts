import type { IPAllocation, NetworkAttachmentDefinition, Pod, SpiderIPPool, SpiderRoute } from '#api';
import type { ObjectSource, PoolCatalog } from '#ipam';
import { loadSpiderpoolObjects } from '#ipam';
import { ipamsOfType } from '../ipams-of-type.ts';
import { readOr } from '../read-or.ts';
import type { EndpointFacts } from './endpoint-status.ts';

/** Where the facts are looked up. */
export interface FactSources {
  readonly pools: Pick<ObjectSource<SpiderIPPool>, 'find'>;
  readonly nads: Pick<ObjectSource<NetworkAttachmentDefinition>, 'find'>;
  /** What a pod belongs to in the end. @throws ApiError */
  ownerOf(pod: Pod): Promise<EndpointFacts['owner'] | undefined>;
}

/** As many controllers are remembered. */
const REMEMBERED = 1000;

/** Finds what pods belong to, asking once for all pods of a controller. */
export function createOwnerFinder(catalog: Pick<PoolCatalog, 'get'>): FactSources['ownerOf'] {
  const known = new Map<string, EndpointFacts['owner']>();
  return async pod => {
    const uid = pod.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
    const before = uid === undefined ? undefined : known.get(uid);
    if (before !== undefined) return before;
    const { topControllerOf } = await loadSpiderpoolObjects();
    const found = await topControllerOf(pod, catalog);
    if (uid === undefined || found === undefined) return found;
    known.set(uid, found);
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return found;
  };
}

/**
 * What an endpoint says beside the claims of a pod, or of the workload whose pod is not there. An annotation that cannot be
 * read says nothing: the pod's ADD has said so. @throws ApiError
 */
export async function findEndpointFacts(
  pod: Pod | undefined,
  claims: readonly IPAllocation[],
  { pools, nads, ownerOf }: FactSources,
): Promise<EndpointFacts> {
  const spiderpool = await loadSpiderpoolObjects();
  const { IPPOOLS_ANNOTATION, ROUTES_ANNOTATION, annotationOf, parseInterfaces, parseRoutes } = spiderpool;
  const top = pod === undefined ? undefined : await ownerOf(pod);
  const workload = claims.map(({ spec }) => spec.owner.workload).find(found => found !== undefined);
  const interfaces = [...new Set(claims.map(({ spec }) => spec.owner.interface))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const entries = readOr([], () => {
    const annotation = annotationOf(pod, IPPOOLS_ANNOTATION, 'pod');
    return annotation === undefined ? [] : parseInterfaces(annotation);
  });
  const podRoutes = readOr<readonly SpiderRoute[]>([], () => {
    const annotation = annotationOf(pod, ROUTES_ANNOTATION, 'pod');
    return annotation === undefined ? [] : parseRoutes(annotation);
  });
  return {
    owner: top ?? workload ?? { kind: 'Pod', name: pod?.metadata.name ?? '' },
    isGatewayClean(ifname) {
      const position = interfaces.indexOf(ifname);
      const entry = entries.find((own, index) =>
        own.interface === undefined ? index === position : own.interface === ifname,
      );
      return (
        entry?.cleanGateway ??
        isCleanByNetwork(
          claims.find(({ spec }) => spec.owner.interface === ifname),
          nads,
        )
      );
    },
    routesOf(name) {
      const pool = pools.find({ name });
      if (pool === undefined) return [];
      return [...(pool.spec.routes ?? []), ...spiderpool.routesWithin(podRoutes, pool.spec.subnet)];
    },
  };
}

/** `clean_gateway` of the network's configuration. */
function isCleanByNetwork(claim: IPAllocation | undefined, nads: FactSources['nads']): boolean {
  const [namespace, name] = claim?.spec.owner.network.split('/') ?? [];
  const nad = namespace === undefined || name === undefined ? undefined : nads.find({ namespace, name });
  return nad !== undefined && ipamsOfType(nad, 'spiderpool').some(ipam => ipam['clean_gateway'] === true);
}
