import { contains, findIp, formatIp, formatPrefix, type Ip, parsePrefix, toPrefix } from '#ip';
import { type AddressFact, type RouteFact, RT_TABLE_MAIN } from '#netlink';
import type { NsFacts } from './facts.ts';

/** How the namespace would send to an address: through which device, and from which own address. */
export interface Source {
  readonly dev: string;
  readonly src: string;
}

/**
 * The device and source address with which packets to `address` leave, by the main table alone: longest prefix, then
 * lowest metric. undefined when it cannot be reached, or only through a route with several ways out.
 * Same as: `ip route get ADDRESS`, without policy rules
 */
export function sourceFor(ns: NsFacts, address: string): Source | undefined {
  const target = findIp(address);
  if (target === undefined) return undefined;
  const canonical = formatIp(target);
  // The kernel sends to itself by way of `lo`, whichever link has the address.
  if (ns.addresses.some(own => textOf(own) === canonical)) return { dev: 'lo', src: canonical };
  const route = findRoute(ns, target);
  if (route?.dev === undefined) return undefined;
  const src = route.src ?? sourceOn(ns, route.dev, findIp(route.via ?? '') ?? target);
  return src === undefined ? undefined : { dev: route.dev, src };
}

/** Compares texts, not numbers: a node has a thousand routes, but they have few different prefix lengths. */
function findRoute(ns: NsFacts, target: Ip): RouteFact | undefined {
  // Routes over a link that is down are dead; those without a device (blackhole, multipath) still win by their prefix.
  const upLinks = new Set(ns.links.filter(link => link.isUp).map(link => link.name));
  const routes = ns.routes.filter(
    route =>
      route.table === RT_TABLE_MAIN &&
      route.family === target.family &&
      (route.dev === undefined || upLinks.has(route.dev)),
  );
  const lengths = new Set(routes.map(lengthOf));
  for (const length of [...lengths].sort((a, b) => b - a)) {
    const dst = formatPrefix(toPrefix(target, length));
    const [best] = routes.filter(route => route.dst === dst).sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0));
    if (best !== undefined) return best;
  }
  return undefined;
}

/**
 * The own address that the kernel fills in: on the route's device, one whose network holds the next hop before any
 * other; when the device has none, one of another device. Always of global scope, unless the next hop is link-local.
 */
function sourceOn(ns: NsFacts, dev: string, nextHop: Ip): string | undefined {
  const candidates = ns.addresses.filter(own => isOfFamily(own, nextHop) && own.scope !== 'host');
  const onDevice = candidates.filter(own => own.dev === dev);
  const chosen =
    onDevice.find(own => contains(parsePrefix(own.address), nextHop)) ??
    onDevice.find(own => own.scope === 'universe') ??
    candidates.find(own => own.scope === 'universe');
  return chosen === undefined ? undefined : textOf(chosen);
}

function isOfFamily(own: AddressFact, ip: Ip): boolean {
  return own.address.includes(':') === (ip.family === 6);
}

function lengthOf(route: RouteFact): number {
  return Number(route.dst.slice(route.dst.indexOf('/') + 1));
}

function textOf(own: AddressFact): string {
  return own.address.slice(0, own.address.indexOf('/'));
}
