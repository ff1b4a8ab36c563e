import { prefixText } from './prefix-text.ts';
import { routeIdentity } from './route-identity.ts';
import type { RouteItem, RuleItem } from './wiring.ts';

/** The route as netlink takes it, every default spelt out: a delete must match what an add made. */
export function routeSpec(item: RouteItem, ifindex: number) {
  const { dst, table, scope } = routeIdentity(item);
  return {
    ifindex,
    dst,
    table,
    scope,
    ...(item.via === undefined ? {} : { via: item.via }),
    ...(item.src === undefined ? {} : { src: item.src }),
    ...(item.metric === undefined ? {} : { metric: item.metric }),
    ...(item.protocol === undefined ? {} : { protocol: item.protocol }),
  };
}

/** The rule as netlink takes it. */
export function ruleSpec(item: RuleItem) {
  const { family, priority, from, to, iif, fwmark, fwmask, table } = item;
  return {
    family,
    priority,
    table,
    ...(from === undefined ? {} : { from: prefixText(from) }),
    ...(to === undefined ? {} : { to: prefixText(to) }),
    ...(iif === undefined ? {} : { iif }),
    ...(fwmark === undefined ? {} : { fwmark }),
    ...(fwmask === undefined ? {} : { fwmask }),
  };
}
