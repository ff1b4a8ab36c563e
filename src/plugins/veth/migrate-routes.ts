import { type RouteFact, RT_TABLE_MAIN } from '#facts';
import type { RouteItem, RuleItem, WiringItem } from '#wiring';
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
    `Cannot plan veth on "${ifname}": the name of a pod's second or later interface gives its routing table; expected "net1" to "net${KERNEL_TABLES - FIRST_TABLE}"`,
  );
}

/**
 * The interface's own routes once more in its table, and then the rules that make its addresses use that table.
 * @throws PlanError PLAN_UNSUPPORTED when the interface has a default route, which would have to leave the main table
 */
export function migrateRoutes(
  later: LaterInterface,
  path: NodePath,
  routes: readonly RouteFact[],
): readonly WiringItem[] {
  const own = routes.filter(
    route => route.dev === later.ifname && route.table === RT_TABLE_MAIN && route.dst !== 'fe80::/64',
  );
  const byDefault = own.find(route => route.dst === '0.0.0.0/0' || route.dst === '::/0');
  if (byDefault !== undefined) {
    throw new PlanError(
      'PLAN_UNSUPPORTED',
      `Cannot plan veth on "${later.ifname}": moving its default route${byDefault.via === undefined ? '' : ` via ${byDefault.via}`} to table ${later.table} is not supported yet; expected no default route in the network's ipam, or migrate_route 0`,
    );
  }
  return [...own.map(route => copyRoute(route, later)), ...path.podIps.map(ip => fromRule(ip.address, later))];
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
