import { KUBE_OVN_SUBNETS, type KubeOvnSubnet } from '#api';
import { showValue } from '#base';
import type { PoolCatalog } from '../../catalog/pool-catalog.ts';
import { IpamError } from '../../errors.ts';
import type { WishContext } from '../../wishes/wishes.ts';
import { describe } from './asked-of-subnet.ts';
import { bindsNamespace, type NamespaceOfPod } from './namespace-of-pod.ts';
import type { PodAnnotations } from './pod-annotations.ts';

/** What decides on the Subnets of an interface. */
export interface SubnetSearch {
  readonly provider: string;
  readonly annotations: PodAnnotations;
  /** The pod's. */
  readonly namespace: NamespaceOfPod | undefined;
  readonly catalog: PoolCatalog;
}

/**
 * The Subnets that an interface's addresses may be of, in the order in which they are tried: the one that `logical_switch` names,
 * whatever its provider is, else those of the provider, first the ones that the pod's namespace is bound to, then by name.
 * @throws IpamError NO_POOL
 */
export async function findSubnets(
  { provider, annotations, namespace, catalog }: SubnetSearch,
  { source, pod, signal }: WishContext,
): Promise<readonly KubeOvnSubnet[]> {
  const subnets = await catalog.of(KUBE_OVN_SUBNETS, signal);
  const named = annotations.find('logical_switch');
  if (named !== undefined) {
    const subnet = subnets.find({ name: named.text });
    if (subnet !== undefined) return [subnet];
    throw new IpamError(
      'NO_POOL',
      `Cannot take an address for ${source}: ${describe(named, pod?.metadata)} names Subnet ${showValue(named.text)}, which does not exist`,
      { retriable: true, details: { subnet: named.text } },
    );
  }
  const bound = subnets.list().filter(subnet => subnet.spec.provider === provider);
  if (bound.length === 0) {
    throw new IpamError(
      'NO_POOL',
      `Cannot take an address for ${source}: provider ${provider} is not bound to any subnet, expected a Subnet whose spec.provider is "${provider}"`,
      { retriable: true, details: { provider } },
    );
  }
  const preferred = namespace?.subnets ?? [];
  const rank = (subnet: KubeOvnSubnet): number => {
    const place = preferred.indexOf(subnet.metadata.name);
    if (place >= 0) return place;
    const isBound = namespace !== undefined && bindsNamespace(subnet, namespace);
    return preferred.length + (isBound ? 0 : 1);
  };
  return bound.toSorted((a, b) => rank(a) - rank(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
}
