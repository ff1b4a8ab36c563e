import { type Family, RT_TABLE_MAIN } from '#netlink';
import type { NsFacts } from './facts.ts';

/**
 * The device of the default route in the main table, the one with the lowest metric; IPv4's before IPv6's.
 * undefined when there is none, or when it has several ways out (multipath).
 */
export function defaultRouteDev(ns: NsFacts): string | undefined {
  return defaultRouteDevOf(ns, 4) ?? defaultRouteDevOf(ns, 6);
}

function defaultRouteDevOf(ns: NsFacts, family: Family): string | undefined {
  const dst = family === 4 ? '0.0.0.0/0' : '::/0';
  return ns.routes
    .filter(route => route.table === RT_TABLE_MAIN && route.dst === dst && route.dev !== undefined)
    .toSorted((a, b) => (a.metric ?? 0) - (b.metric ?? 0))[0]?.dev;
}
