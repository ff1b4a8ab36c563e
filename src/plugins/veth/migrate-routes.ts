import { type RouteFact, RT_TABLE_MAIN } from '#facts';
import type { AbsentItem, RouteItem, RuleItem, WiringItem } from '#wiring';
import { PlanError } from '../errors.ts';
import { hostPrefix } from '../host-prefix.ts';
import type { NodePath } from './node-path.ts';

/** Table of `net1`; `net2` has the next one. */
const FIRST_TABLE = 100;
/** RT_TABLE_DEFAULT: the first of the tables that the kernel keeps for itself. */
const KERNEL_TABLES = 253;
/** Preference of the kernel's rule for the main table: ours come right before it. */
const MAIN_PREFERENCE = 32_766;

/** Number and table of a pod's later interface. */
export interface LaterInterface {
  readonly ifname: string;
  /** 1 for `net1`. */
  readonly number: number;
  readonly table: number;
}

/** @throws PlanError PLAN_UNSUPPORTED for a name that gives no table */
export function laterInterface(ifname: string): LaterInterface {
  const number = Number(/^net([1-9][0-9]{0,3})$/.exec(ifname)?.[1] ?? Number.NaN);
  const table = FIRST_TABLE + number - 1;
  if (table < KERNEL_TABLES) return { ifname, number, table };
  throw new PlanError(
    'PLAN_UNSUPPORTED',
    `Cannot plan veth on "${ifname}": the name of a pod's second or later interface gives its routing table, expected "net1" to "net${KERNEL_TABLES - FIRST_TABLE}"`,
  );
}

/**
 * The interface's own routes once more in its table, then the rules that make its addresses use that table, and then its
 * default routes out of the main table, which the pod's first interface keeps.
 */
export function migrateRoutes(
  later: LaterInterface,
  path: NodePath,
  routes: readonly RouteFact[],
): readonly WiringItem[] {
  const own = routes.flatMap(route => waysOf(route, later.ifname)).filter(route => route.dst !== LINK_LOCAL);
  // Connected routes first: a gateway has to be on the link when its route is made, and so has a source.
  const ordered = [...own.filter(route => route.via === undefined), ...own.filter(route => route.via !== undefined)];
  return [
    ...ordered.map(route => copyRoute(route, later)),
    ...path.podIps.map(ip => fromRule(ip.address, later)),
    ...own.filter(isDefault).map(route => leaveMain(route, later)),
  ];
}

const LINK_LOCAL = 'fe80::/64';

/** The route itself if it is the interface's, or its way out of a route with several. */
function waysOf(route: RouteFact, ifname: string): readonly RouteFact[] {
  if (route.table !== RT_TABLE_MAIN) return [];
  if (route.dev === ifname) return [route];
  const { nexthops = [], ...rest } = route;
  return nexthops
    .filter(hop => hop.dev === ifname)
    .map(({ dev, via }) => ({ ...rest, dev, ...(via === undefined ? {} : { via }) }));
}

function isDefault({ dst }: RouteFact): boolean {
  return dst === '0.0.0.0/0' || dst === '::/0';
}

function leaveMain(route: RouteFact, later: LaterInterface): AbsentItem {
  const { table: _table, ...what } = copyRoute(route, later);
  return { kind: 'absent', place: 'pod', what };
}

function copyRoute(route: RouteFact, later: LaterInterface): RouteItem {
  return {
    kind: 'route',
    place: 'pod',
    dst: route.dst,
    dev: later.ifname,
    table: later.table,
    scope: route.scope,
    ...(route.via === undefined ? {} : { via: route.via }),
    ...(route.src === undefined ? {} : { src: route.src }),
    ...(route.metric === undefined ? {} : { metric: route.metric }),
    ...(route.mtu === undefined ? {} : { mtu: route.mtu }),
    ...(route.advmss === undefined ? {} : { advmss: route.advmss }),
    protocol: route.protocol,
  };
}

function fromRule(address: string, later: LaterInterface): RuleItem {
  return {
    kind: 'rule',
    place: 'pod',
    family: address.includes(':') ? 6 : 4,
    priority: MAIN_PREFERENCE - later.number,
    from: hostPrefix(address),
    table: later.table,
  };
}
