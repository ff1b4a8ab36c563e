import { type LinkData, type RouteSpec, RTPROT_BOOT, type RuleSpec } from '#netlink';
import { prefixText } from './prefix-text.ts';
import { wantedRoute } from './route-identity.ts';
import type { LinkKind, RouteItem, RuleItem } from './wiring.ts';

/** The route as netlink takes it, every default spelt out: a delete must match what an add made. */
export function routeSpec(item: RouteItem, ifindex: number): RouteSpec {
  const { dst, table, scope } = wantedRoute(item);
  return {
    ifindex,
    dst,
    table,
    scope,
    ...(item.via === undefined ? {} : { via: item.via }),
    ...(item.moreVias === undefined ? {} : { moreVias: item.moreVias }),
    ...(item.src === undefined ? {} : { src: item.src }),
    ...(item.metric === undefined ? {} : { metric: item.metric }),
    ...(item.mtu === undefined ? {} : { mtu: item.mtu }),
    ...(item.advmss === undefined ? {} : { advmss: item.advmss }),
    ...(item.protocol === undefined ? {} : { protocol: item.protocol }),
  };
}

/**
 * The rule as netlink takes it. The protocol is what tells ours from others': the kernel's delete takes a missing selector
 * for "any", and would take `from 10.0.0.1 table 500` for our `from all table 500`. `ip rule` gives none.
 */
export function ruleSpec(item: RuleItem): RuleSpec {
  const { family, priority, from, to, iif, fwmark, fwmask, table } = item;
  return {
    family,
    priority,
    table,
    protocol: RTPROT_BOOT,
    ...(from === undefined ? {} : { from: prefixText(from) }),
    ...(to === undefined ? {} : { to: prefixText(to) }),
    ...(iif === undefined ? {} : { iif }),
    ...(fwmark === undefined ? {} : { fwmark }),
    ...(fwmask === undefined ? {} : { fwmask }),
  };
}

/** Links that are made from nothing, or upon a parent. */
export type MadeKind = Exclude<LinkKind, { readonly type: 'veth' | 'moved' | 'existing' }>;

/** What makes such a link of its kind. */
export function linkDataOf(link: MadeKind): LinkData {
  switch (link.type) {
    case 'macvlan':
      return {
        kind: 'macvlan',
        mode: link.mode,
        ...(link.bcQueueLen === undefined ? {} : { bcQueueLen: link.bcQueueLen }),
      };
    case 'ipvlan':
      return { kind: 'ipvlan', mode: link.mode, ...(link.flag === undefined ? {} : { flag: link.flag }) };
    case 'vlan':
      return { kind: 'vlan', id: link.id, ...(link.protocol === undefined ? {} : { protocol: link.protocol }) };
    case 'bridge':
      return { kind: 'bridge', ...(link.hasVlanFiltering === true ? { hasVlanFiltering: true } : {}) };
    case 'dummy':
      return { kind: 'dummy' };
  }
}
