import { isDeepStrictEqual } from 'node:util';
import {
  type AddressFact,
  type KernelEvent,
  type LinkFact,
  type RouteFact,
  type RuleFact,
  toAddressFact,
  toRouteFact,
} from '#netlink';
import type { NsFacts } from './facts.ts';

/**
 * One namespace's links, addresses, routes and rules, kept current by applying the kernel's events to what was read
 * before. It only ever takes over what an event says beyond doubt; for the rest it asks to be read anew.
 */
export interface FactsTable {
  /** The facts as one value, the same one until something changes. Neighbours and sysctls are not kept. */
  snapshot(): NsFacts;
  /** Puts what was read in place of everything. True when it differs from before. */
  replace(facts: NsFacts): boolean;
  apply(event: KernelEvent): Effect;
}

/** `unknown`: the event tells that something changed, but not what: read everything anew. */
export type Effect = 'same' | 'changed' | 'unknown';

/** A table that knows nothing yet. */
export function createFactsTable(): FactsTable {
  let links = new Map<number, LinkFact>();
  let names = new Map<number, string>();
  let addresses = new Map<string, AddressFact>();
  let routes = new Map<string, RouteFact>();
  let rules: readonly RuleFact[] = [];
  let cached: NsFacts | undefined;

  const changed = (): Effect => {
    cached = undefined;
    return 'changed';
  };

  function applyLink(link: LinkFact, isGone: boolean): Effect {
    const before = links.get(link.ifindex);
    if (isGone) return before === undefined ? 'same' : forgetLink(before);
    if (isDeepStrictEqual(before, link)) return 'same';
    links.set(link.ifindex, link);
    names.set(link.ifindex, link.name);
    // Everything else is known by its device's name.
    if (before !== undefined && before.name !== link.name) return 'unknown';
    return before?.isUp === true && !link.isUp ? dropRoutes(link) : changed();
  }

  /**
   * Without a word, the kernel drops the IPv4 routes of a link that goes down, less those of scope host; one with several
   * ways out lives on as long as one of them does. It tells of the IPv6 ones.
   */
  function dropRoutes(link: LinkFact): Effect {
    deleteWhere(routes, ({ family, dev, scope }) => family === 4 && dev === link.name && scope !== 'host');
    changed();
    const hasShare = [...routes.values()].some(({ nexthops }) => nexthops?.some(({ dev }) => dev === link.name));
    return hasShare ? 'unknown' : 'changed';
  }

  function forgetLink(link: LinkFact): Effect {
    links.delete(link.ifindex);
    names.delete(link.ifindex);
    deleteWhere(addresses, address => address.dev === link.name);
    deleteWhere(routes, route => route.dev === link.name);
    return changed();
  }

  function applyAddress(address: AddressFact, isGone: boolean): Effect {
    const key = `${address.dev} ${address.address}`;
    if (!isGone) {
      if (isDeepStrictEqual(addresses.get(key), address)) return 'same';
      addresses.set(key, address);
      return changed();
    }
    if (!addresses.delete(key)) return 'same';
    // The kernel drops the routes that use it as source without a word.
    const source = address.address.slice(0, address.address.indexOf('/'));
    const isSource = [...routes.values()].some(route => route.src === source);
    return isSource ? 'unknown' : changed();
  }

  function applyRoute(route: RouteFact, isGone: boolean, isReplace: boolean): Effect {
    const key = routeKey(route);
    if (isGone) return routes.delete(key) ? changed() : 'unknown';
    if (routes.has(key)) return 'same';
    // A route without a single device may be one that has grown by a nexthop.
    const mayReplace = isReplace || route.dev === undefined;
    if (mayReplace && [...routes.values()].some(other => isSamePlace(other, route))) return 'unknown';
    routes.set(key, route);
    return changed();
  }

  function applyRule(rule: RuleFact, isGone: boolean): Effect {
    const index = rules.findIndex(other => isDeepStrictEqual(other, rule));
    if (!isGone) {
      // Known from a reading that was faster than the event, or a second one of the same.
      if (index >= 0) return 'unknown';
      rules = [...rules, rule].sort(byPriority);
      return changed();
    }
    if (index < 0) return 'unknown';
    rules = rules.toSpliced(index, 1);
    return changed();
  }

  function snapshot(): NsFacts {
    cached ??= {
      links: [...links.values()],
      addresses: [...addresses.values()],
      routes: [...routes.values()],
      rules,
      neighbours: [],
      sysctls: {},
    };
    return cached;
  }

  return {
    snapshot,
    replace(facts) {
      const before = snapshot();
      links = new Map(facts.links.map(link => [link.ifindex, link]));
      names = new Map(facts.links.map(link => [link.ifindex, link.name]));
      addresses = new Map(facts.addresses.map(address => [`${address.dev} ${address.address}`, address]));
      routes = new Map(facts.routes.map(route => [routeKey(route), route]));
      rules = [...facts.rules].sort(byPriority);
      cached = undefined;
      return !isDeepStrictEqual(snapshot(), before);
    },
    apply(event) {
      switch (event.kind) {
        case 'link':
          return applyLink(event.link, event.isGone);
        case 'rule':
          return applyRule(event.rule, event.isGone);
        case 'address': {
          const fact = toAddressFact(event.address, names);
          return fact === undefined ? ofUnknownLink(event) : applyAddress(fact, event.isGone);
        }
        case 'route': {
          const fact = toRouteFact(event.route, names);
          return fact === undefined ? ofUnknownLink(event) : applyRoute(fact, event.isGone, event.isReplace);
        }
      }
    },
  };
}

/** What goes with a link that has gone before is no news; what comes with a link that we do not know is. */
function ofUnknownLink(event: KernelEvent): Effect {
  return event.isGone ? 'same' : 'unknown';
}

function routeKey(route: RouteFact): string {
  const { dst, table, metric, dev, via, src, scope, protocol, mtu, advmss, nexthops } = route;
  const hops = nexthops?.map(hop => `${hop.dev} ${hop.via} ${hop.weight}`).join();
  return `${dst} ${table} ${metric} ${dev} ${via} ${src} ${scope} ${protocol} ${mtu} ${advmss} ${hops}`;
}

/** Whether a `replace` of one would be in place of the other. */
function isSamePlace(a: RouteFact, b: RouteFact): boolean {
  return a.dst === b.dst && a.table === b.table && a.metric === b.metric;
}

function byPriority(a: RuleFact, b: RuleFact): number {
  return a.priority - b.priority;
}

function deleteWhere<T>(map: Map<string, T>, isUnwanted: (value: T) => boolean): void {
  for (const [key, value] of map) if (isUnwanted(value)) map.delete(key);
}
