import type { KubeOvnSubnet } from '#api';
import { formatIp, formatPrefix, type IntervalSet, intersection } from '#ip';
import { detectionOf } from '../../config/detection.ts';
import type { Pool } from '../../store/claim-store.ts';
import { ANYWHERE } from './kube-ovn-routes.ts';
import type { ReadPool } from './pool-members.ts';
import type { SubnetNetwork } from './subnet-networks.ts';
import type { SubnetShares } from './subnet-shares.ts';

/** A Subnet as addresses are taken from it. */
export interface SubnetInUse {
  readonly subnet: KubeOvnSubnet;
  readonly networks: readonly SubnetNetwork[];
  /** Its IPPools. */
  readonly ipPools: readonly ReadPool[];
  readonly shares: SubnetShares;
  /** Why it hands nothing out: who has an address of it keeps it. */
  readonly closed?: string;
}

/** How a pool's addresses go into the result. */
export interface PoolTerms {
  readonly scope: string;
  /** The interface has the pod's default route, and no routes are named: then it goes by the Subnet's gateway. */
  readonly isDefaultRoute: boolean;
  readonly namesRoutes: boolean;
}

/** What a Subnet hands out to whoever names no pool: neither excluded nor any IPPool's. Any host of it may be asked for. */
export function subnetPool(inUse: SubnetInUse, network: SubnetNetwork, terms: PoolTerms): Pool {
  const { subnet, shares } = inUse;
  return {
    ...common(subnet, network, terms),
    ...detectionOf(subnet.metadata, `Subnet "${subnet.metadata.name}"`),
    kept: network.hosts,
    text: `${formatPrefix(network.prefix)} of Subnet "${subnet.metadata.name}"`,
    usable: shares[network.family]?.own ?? [],
    fixable: network.hosts,
    order: 'unused-first',
  };
}

/** What a list of addresses of a Subnet hands out, excluded ones among them. */
export function listPool(
  inUse: SubnetInUse,
  network: SubnetNetwork,
  list: { usable: IntervalSet; by: string },
  terms: PoolTerms,
): Pool {
  return {
    ...subnetPool(inUse, network, terms),
    text: `${list.by}, of Subnet "${inUse.subnet.metadata.name}"`,
    usable: intersection(list.usable, network.hosts),
    fixable: [],
    kept: [],
    order: 'lowest',
  };
}

/** What an IPPool of the Subnet hands out. Where it was not asked for, an address that a pod has had before it came stays its own. */
export function namedPool(
  { subnet, shares }: SubnetInUse,
  { pool }: ReadPool,
  network: SubnetNetwork,
  terms: PoolTerms & { readonly isAsked: boolean },
): Pool {
  return {
    ...common(subnet, network, terms),
    ...detectionOf(pool.metadata, `IPPool "${pool.metadata.name}"`),
    text: `IPv${network.family} of IPPool "${pool.metadata.name}"`,
    usable: shares[network.family]?.ofPools.get(pool.metadata.name) ?? [],
    ...(terms.isAsked ? {} : { kept: network.hosts }),
    order: 'unused-first',
  };
}

/** A claim is of the Subnet: which IPPool an address is of changes with the IPPools. */
function common(
  subnet: KubeOvnSubnet,
  { family, prefix, gateway }: SubnetNetwork,
  { scope, isDefaultRoute, namesRoutes }: PoolTerms,
) {
  const gw = formatIp({ family, value: gateway });
  return {
    scope,
    family,
    prefixLength: prefix.length,
    ref: { dialect: 'kube-ovn', kind: 'Subnet', name: subnet.metadata.name },
    ...(isDefaultRoute ? { gateway: gw } : {}),
    ...(isDefaultRoute && !namesRoutes ? { routes: [{ dst: ANYWHERE[family], gw }] } : {}),
  };
}
