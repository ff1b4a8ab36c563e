import type { CniResult, CniRoute } from '#cni';
import { type Family, type RouteFact, RT_TABLE_MAIN } from '#facts';
import { contains, parseIp, parsePrefix } from '#ip';
import type { RouteItem, Wiring } from '#wiring';
import { AttachError } from '../errors.ts';

/** One attachment as its plugins left it. */
export interface RoutedAttachment {
  /** For errors: `ns/name` of the network. */
  readonly network: string;
  readonly ifname: string;
  readonly result: CniResult;
  /** What the pod's annotation says: next hops, none of them for "those of its plugins"; undefined: nothing. */
  readonly defaultRoute?: readonly string[];
}

/** The pod's default routes where its annotation wants them. */
export interface DefaultRoutes {
  /** By attachment; whoever gets a family's default route takes away the others'. */
  readonly wirings: readonly Wiring[];
  /** By attachment: each tells the default routes that it has now. */
  readonly results: readonly CniResult[];
}

/**
 * Moves the pod's default routes as `default-route` of its networks annotation asks. A family that no attachment asks
 * for stays as it is. Pure. NPWG standard 1.3, 4.1.2.1.9.
 *
 * Same as: `ip route delete default dev eth0` and `ip route add default via GW dev net1`
 * @param routes the pod's routes, those planned by now among them
 * @throws AttachError NETWORK_CONFIG for a next hop that is not on the link
 */
export function moveDefaultRoutes(
  attachments: readonly RoutedAttachment[],
  routes: readonly RouteFact[],
): DefaultRoutes {
  const wirings: Wiring[] = attachments.map(() => []);
  let results = attachments.map(({ result }) => result);
  for (const family of FAMILIES) {
    const wanted = attachments.map(attachment => wantedRoutes(attachment, family, routes));
    const chosen = wanted.findIndex(list => list.length > 0);
    const here = wanted[chosen];
    if (here === undefined) continue;
    const items = here.map(({ item }) => item);
    const former = routes.filter(route => route.dst === ANYWHERE[family] && route.table === RT_TABLE_MAIN);
    wirings[chosen] = [...(wirings[chosen] ?? []), ...former.flatMap(route => removal(route, items)), ...items];
    results = results.map((result, index) => ({
      ...result,
      routes: [
        ...result.routes.filter(route => !isDefault(route, family)),
        ...(index === chosen ? here.flatMap(({ told }) => told) : []),
      ],
    }));
  }
  return { wirings, results };
}

const FAMILIES: readonly Family[] = [4, 6];
const ANYWHERE: Readonly<Record<Family, string>> = { 4: '0.0.0.0/0', 6: '::/0' };

interface WantedRoute {
  readonly item: RouteItem;
  /** The same in the attachment's result. */
  readonly told: readonly CniRoute[];
}

/** The default routes of a family that an attachment is to have; none when it is not asked to have any. */
function wantedRoutes(
  attachment: RoutedAttachment,
  family: Family,
  routes: readonly RouteFact[],
): readonly WantedRoute[] {
  const { defaultRoute, ifname, result } = attachment;
  if (defaultRoute === undefined) return [];
  const [via, ...moreVias] = defaultRoute.filter(gateway => familyOf(gateway) === family);
  const base = { kind: 'route', place: 'pod', dst: ANYWHERE[family], dev: ifname } as const;
  if (via !== undefined) {
    for (const gateway of [via, ...moreVias]) requireOnLink(gateway, attachment, routes);
    const told = [via, ...moreVias].map(gw => ({ dst: ANYWHERE[family], gw }));
    return [{ item: { ...base, via, ...(moreVias.length === 0 ? {} : { moreVias }) }, told }];
  }
  if (defaultRoute.length > 0) return [];
  return result.routes
    .filter(route => isDefault(route, family))
    .map(route => {
      const gateway =
        route.gw ?? result.ips.find(ip => ip.gateway !== undefined && familyOf(ip.address) === family)?.gateway;
      const item: RouteItem = {
        ...base,
        ...(gateway === undefined ? {} : { via: gateway }),
        ...(route.priority === undefined ? {} : { metric: route.priority }),
      };
      return { item, told: [route] };
    });
}

/** What takes a route away, or each of its ways; nothing for one that is to stay as it is. */
function removal(route: RouteFact, wanted: readonly RouteItem[]): Wiring {
  const { dev, via, nexthops = [] } = route;
  const ways = dev === undefined ? nexthops : [{ dev, ...(via === undefined ? {} : { via }) }];
  const stays = wanted.some(
    item => ways.length === 1 && item.dev === ways[0]?.dev && item.via === ways[0]?.via && item.metric === route.metric,
  );
  if (stays) return [];
  const [first, ...others] = ways;
  if (first === undefined) return [];
  const { dst, src, table, scope, metric, mtu, advmss } = route;
  const common = {
    kind: 'route',
    place: 'pod',
    dst,
    table,
    scope,
    ...(src === undefined ? {} : { src }),
    ...(metric === undefined ? {} : { metric }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(advmss === undefined ? {} : { advmss }),
  } as const;
  const isOneLink = others.every(way => way.dev === first.dev && way.via !== undefined);
  const items: readonly RouteItem[] =
    isOneLink && others.length > 0
      ? [{ ...common, ...first, moreVias: others.flatMap(way => way.via ?? []) }]
      : ways.map(way => ({ ...common, dev: way.dev, ...(way.via === undefined ? {} : { via: way.via }) }));
  return items.map(what => ({ kind: 'absent', place: 'pod', what }));
}

/** The kernel would say "Network is unreachable" and no more. */
function requireOnLink(gateway: string, { network, ifname }: RoutedAttachment, routes: readonly RouteFact[]): void {
  const ip = parseIp(gateway);
  const onLink = routes.filter(
    route => route.dev === ifname && route.via === undefined && route.table === RT_TABLE_MAIN,
  );
  if (LINK_LOCAL.test(gateway) || onLink.some(route => contains(parsePrefix(route.dst), ip))) return;
  const subnets = onLink.map(({ dst }) => dst).join(', ') || 'none';
  throw new AttachError(
    'NETWORK_CONFIG',
    `Cannot attach network "${network}": default-route is "${gateway}", expected a gateway in a subnet of "${ifname}" (${subnets})`,
  );
}

const LINK_LOCAL = /^fe[89ab]/i;

function isDefault({ dst, table }: CniRoute, family: Family): boolean {
  return dst === ANYWHERE[family] && (table === undefined || table === RT_TABLE_MAIN);
}

function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4;
}
