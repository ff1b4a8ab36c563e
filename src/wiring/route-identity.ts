import type { Family, RouteFact, RouteScope } from '#facts';
import { RT_TABLE_MAIN } from '#netlink';
import { familyOf, networkText, prefixText } from './prefix-text.ts';
import type { RouteItem } from './wiring.ts';

/** Kernel default of an IPv6 route (IP6_RT_PRIO_USER). IPv4 has none: 0. */
const IPV6_METRIC = 1024;

interface RouteTerms {
  readonly dst: string;
  readonly dev?: string;
  readonly via?: string;
  readonly moreVias?: readonly string[];
  readonly src?: string;
  readonly table?: number;
  readonly scope?: RouteScope;
  readonly metric?: number;
  readonly mtu?: number;
  readonly advmss?: number;
}

/** A wanted or an observed route with every default spelt out, so that two can be compared field by field. */
export interface RouteIdentity {
  readonly family: Family;
  readonly dst: string;
  readonly dev: string | undefined;
  /** Of several gateways all, in no order. */
  readonly via: string | undefined;
  readonly src: string | undefined;
  readonly table: number;
  readonly scope: RouteScope;
  readonly metric: number;
  readonly mtu: number | undefined;
  readonly advmss: number | undefined;
}

/** Spells out what the kernel assumes. IPv6 knows no scopes: every route is universe. */
export function routeIdentity(route: RouteTerms): RouteIdentity {
  const family = familyOf(route.dst);
  return {
    family,
    dst: prefixText(route.dst),
    dev: route.dev,
    via: route.moreVias === undefined ? route.via : [route.via, ...route.moreVias].sort().join(' and '),
    src: route.src,
    table: route.table ?? RT_TABLE_MAIN,
    scope: family === 6 ? 'universe' : (route.scope ?? (route.via === undefined ? 'link' : 'universe')),
    metric: route.metric ?? (family === 6 ? IPV6_METRIC : 0),
    mtu: route.mtu,
    advmss: route.advmss,
  };
}

/** A wanted route; bits behind its prefix length are no part of the destination. */
export function wantedRoute(item: RouteItem): RouteIdentity {
  return { ...routeIdentity(item), dst: networkText(item.dst) };
}

/** A route of the facts. Its ways out can be told in a wanted one's terms when all are on one link, evenly. */
export function observedRoute(fact: RouteFact): RouteIdentity {
  return routeIdentity({ ...fact, ...waysOf(fact) });
}

/** Device and gateways of a route of the facts; nothing where a {@link RouteItem} could not say them. */
export function waysOf(fact: RouteFact): Partial<Pick<RouteItem, 'dev' | 'via' | 'moreVias'>> {
  const { dev, via, nexthops = [] } = fact;
  if (dev !== undefined) return { dev, ...(via === undefined ? {} : { via }) };
  const [first, ...others] = nexthops;
  const isEven = others.every(hop => hop.dev === first?.dev && hop.via !== undefined && hop.weight === first.weight);
  if (first?.via === undefined || others.length === 0 || !isEven) return {};
  return { dev: first.dev, via: first.via, moreVias: others.flatMap(hop => hop.via ?? []) };
}

/** The route of the facts if it competes with a wanted one. Told apart by cheap fields first: nodes have thousands. */
export function findRival(fact: RouteFact, wanted: RouteIdentity): RouteIdentity | undefined {
  if (fact.dst !== wanted.dst || fact.table !== wanted.table) return undefined;
  const identity = observedRoute(fact);
  return isSameRouteKey(identity, wanted) ? identity : undefined;
}

/** Whether both compete for one place in the kernel: same destination, table and metric. */
function isSameRouteKey(a: RouteIdentity, b: RouteIdentity): boolean {
  return a.dst === b.dst && a.table === b.table && a.metric === b.metric;
}

export function isSameRoute(a: RouteIdentity, b: RouteIdentity): boolean {
  return (
    isSameRouteKey(a, b) &&
    a.dev === b.dev &&
    a.via === b.via &&
    a.src === b.src &&
    a.scope === b.scope &&
    a.mtu === b.mtu &&
    a.advmss === b.advmss
  );
}
