import type { CniRoute } from '#cni';
import type { Family, RouteScope } from '#facts';
import type { RouteItem } from '#wiring';
import { parseAddressText, parseDestination, parseGateway } from './address-text.ts';
import { PlanError } from './errors.ts';
import type { IpamResult } from './plugin.ts';

/** rtnetlink's RT_SCOPE_* numbers, as results hold them. */
const SCOPES: ReadonlyMap<number, RouteScope> = new Map([
  [0, 'universe'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
]);

/**
 * Routes of a pod's interface as the reference plugins set them: by the route's own gateway, else by the first gateway
 * of its family among the addresses, else on-link.
 *
 * @throws PlanError ROUTE_INVALID
 */
export function gatewayRoutes(ifname: string, ipam: IpamResult): readonly RouteItem[] {
  return ipam.routes.map(route => {
    const dst = parseDestination(ifname, route.dst);
    const via = route.gw ?? firstGateway(ifname, ipam, dst.family);
    return {
      kind: 'route',
      place: 'pod',
      dst: dst.text,
      dev: ifname,
      // The pod's first interface has its default route; the others' are left out, as the reference plugins do.
      yields: true,
      ...(via === undefined ? {} : { via: parseGateway(ifname, via, dst.family) }),
      ...(route.table === undefined ? {} : { table: route.table }),
      ...(route.priority === undefined ? {} : { metric: route.priority }),
      ...(route.mtu === undefined ? {} : { mtu: route.mtu }),
      ...(route.advmss === undefined ? {} : { advmss: route.advmss }),
      ...(route.scope === undefined ? {} : { scope: toScope(ifname, route, route.scope) }),
    };
  });
}

function firstGateway(ifname: string, ipam: IpamResult, family: Family): string | undefined {
  const routed = ipam.ips.find(
    ip => ip.gateway !== undefined && parseAddressText(ifname, ip.address).family === family,
  );
  return routed?.gateway;
}

function toScope(ifname: string, route: CniRoute, scope: number): RouteScope {
  const name = SCOPES.get(scope);
  if (name !== undefined) return name;
  throw new PlanError(
    'ROUTE_INVALID',
    `Cannot plan interface "${ifname}": scope of route ${route.dst} is ${scope}, expected one of ${[...SCOPES.keys()].join(', ')}`,
  );
}
