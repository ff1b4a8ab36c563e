import { type NsFacts, RT_TABLE_MAIN } from '#facts';
import type { NeighbourItem, RouteItem, SysctlItem } from '#wiring';
import { hostPrefix } from '../host-prefix.ts';
import type { NodePath } from './node-path.ts';
import type { VethPair } from './pair.ts';
import { POD_END } from './pair.ts';

/** The node's addresses on the pair, less those that are known already by the right MAC. */
export function podNeighbours(pair: VethPair, path: NodePath, pod: NsFacts): readonly NeighbourItem[] {
  const isKnown = (address: string) =>
    pod.neighbours.some(
      fact => fact.dev === POD_END && fact.address === address && fact.isPermanent && fact.lladdr === pair.hostMac,
    );
  return path.nodeIps
    .filter(({ address }) => !isKnown(address))
    .map(({ address }) => ({ kind: 'neighbour', place: 'pod', dev: POD_END, address, lladdr: pair.hostMac }));
}

/**
 * Routes to the node and, through it, to the hijacked prefixes. Prefixes of a family that the pod has not are left out,
 * and so are those that the pod reaches otherwise by a route for exactly them.
 */
export function podRoutes(
  prefixes: readonly string[],
  path: NodePath,
  pod: NsFacts,
  table: number,
): readonly RouteItem[] {
  const inTable = table === RT_TABLE_MAIN ? {} : { table };
  const toNode = path.nodeIps.map(
    ({ address }): RouteItem => ({
      kind: 'route',
      place: 'pod',
      dst: hostPrefix(address),
      dev: POD_END,
      scope: 'link',
      ...inTable,
    }),
  );
  const throughNode = prefixes.flatMap((dst): RouteItem[] => {
    const via = path.gateways.get(dst.includes(':') ? 6 : 4);
    const isElsewhere = pod.routes.some(fact => fact.dst === dst && fact.table === table && fact.dev !== POD_END);
    if (via === undefined || isElsewhere) return [];
    return [{ kind: 'route', place: 'pod', dst, dev: POD_END, via, ...inTable }];
  });
  return [...toNode, ...throughNode];
}

/** Settings of the pod's own interfaces. */
export function podSysctls(ifname: string, rpFilter: string, hasIpv6: boolean): readonly SysctlItem[] {
  const confs = ['all', 'default', ifname, POD_END];
  const sysctl = (path: string, value: string): SysctlItem => ({ kind: 'sysctl', place: 'pod', path, value });
  const reverse = confs.map(conf => sysctl(`net/ipv4/conf/${conf}/rp_filter`, rpFilter));
  if (!hasIpv6) return reverse;
  return [
    ...reverse,
    ...confs.map(conf => sysctl(`net/ipv6/conf/${conf}/disable_ipv6`, '0')),
    // Nor must a node hand its pods any: the wire is for what the routes say.
    sysctl(`net/ipv6/conf/${POD_END}/accept_ra`, '0'),
  ];
}
