/** Objects of a cluster for this dialect's tests. */
import {
  IP_ALLOCATIONS,
  type IPAllocation,
  KUBE_OVN_IP_POOLS,
  KUBE_OVN_SUBNETS,
  type KubeObject,
  type KubeOvnIPPool,
  type KubeOvnIPPoolSpec,
  type KubeOvnSubnet,
  type KubeOvnSubnetSpec,
  NAMESPACES,
  type ObjectMeta,
  type Pod,
} from '#api';
import { type Family, formatIp, type IntervalSet } from '#ip';
import type { PoolCatalog } from '../../catalog/pool-catalog.ts';
import type { Pool } from '../../store/claim-store.ts';
import { catalogOf } from '../../testing.ts';
import type { WishContext, Wishes } from '../../wishes/wishes.ts';
import { parseKubeOvn } from './kube-ovn.ts';
import { kubeOvnWishes } from './kube-ovn-wishes.ts';

/** The Subnet "macvlan" of the network default/macvlan. */
export function subnetOf(spec: KubeOvnSubnetSpec = {}, name = 'macvlan'): KubeOvnSubnet {
  return { metadata: { name }, spec: { provider: 'macvlan.default', cidrBlock: '172.17.0.0/16', ...spec } };
}

/** An IPPool of the Subnet "macvlan". */
export function poolOf(name: string, ips: readonly string[], spec: Partial<KubeOvnIPPoolSpec> = {}): KubeOvnIPPool {
  return { metadata: { name }, spec: { subnet: 'macvlan', ips, ...spec } };
}

/** The pod default/web-0, with annotations of the network default/macvlan by their last part. */
export function podWith(keys: Readonly<Record<string, string>> = {}, metadata: Partial<ObjectMeta> = {}): Pod {
  const annotations = Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [
      key.includes('/') ? key : `macvlan.default.kubernetes.io/${key}`,
      value,
    ]),
  );
  return { metadata: { name: 'web-0', namespace: 'default', uid: 'pod-1', annotations, ...metadata }, spec: {} };
}

/** What a StatefulSet's pods have in their metadata. */
export function ofStatefulSet(name: string): Partial<ObjectMeta> {
  return {
    name,
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'set-1', controller: true }],
  };
}

/** A cluster's objects. */
export interface World {
  readonly subnets?: readonly KubeOvnSubnet[];
  readonly pools?: readonly KubeOvnIPPool[];
  readonly namespaces?: readonly KubeObject[];
  readonly claims?: readonly IPAllocation[];
}

/** What net1 of the network default/macvlan gets. */
export function wishesOf(
  world: World,
  context: Partial<WishContext> = {},
  ipam: Readonly<Record<string, unknown>> = {},
): Promise<Wishes> {
  const net1 = { name: 'net1', nad: 'default/macvlan' };
  const source = 'network "default/macvlan"';
  const config = parseKubeOvn(
    { type: 'kube-ovn', provider: 'macvlan.default', ...ipam },
    { networkName: 'macvlan', source },
  );
  return kubeOvnWishes(config, {
    pod: podWith(),
    node: 'node-a',
    interface: net1,
    isDefault: false,
    interfaces: [{ name: 'eth0' }, net1],
    asked: { ips: [] },
    source,
    catalog: catalogFrom(world),
    ...context,
  });
}

function catalogFrom({ subnets = [subnetOf()], pools = [], namespaces = [], claims = [] }: World): PoolCatalog {
  return catalogOf([
    ...subnets.map(subnet => [KUBE_OVN_SUBNETS, subnet] as const),
    ...pools.map(pool => [KUBE_OVN_IP_POOLS, pool] as const),
    ...namespaces.map(namespace => [NAMESPACES, namespace] as const),
    ...claims.map(claim => [IP_ALLOCATIONS, claim] as const),
  ]);
}

/** A pool's addresses as text: `172.17.0.2-172.17.255.254`. */
export function usableOf({ family, usable }: Pick<Pool, 'family' | 'usable'>): string {
  return spell(family, usable);
}

/** A set of addresses as text. */
export function spell(family: Family, set: IntervalSet): string {
  const ip = (value: bigint): string => formatIp({ family, value });
  return set.map(({ first, last }) => (first === last ? ip(first) : `${ip(first)}-${ip(last)}`)).join(',');
}

/** Ways as text: one line each, a column for each slot. */
export function waysOf({ alternatives }: Wishes): readonly string[] {
  return alternatives.map(wishes =>
    wishes.map(({ pools, address }) => address ?? pools.map(usableOf).join(' then ')).join(' and '),
  );
}
