import type { Facts, NsFacts, RouteFact } from '#facts';
import { formatVfSetting, isSameVfSetting } from '#netlink';
import { differences, equal, missing, type Observation } from './observation.ts';
import { observeLink } from './observe-link.ts';
import { observeNft } from './observe-nft.ts';
import { familyOf } from './prefix-text.ts';
import { findRival, isSameRoute, observedRoute, wantedRoute, waysOf } from './route-identity.ts';
import { isSameRule } from './rule-identity.ts';
import type {
  AbsentItem,
  AddressItem,
  NeighbourItem,
  Place,
  RouteItem,
  RuleItem,
  SysctlItem,
  VfItem,
  WiringItem,
} from './wiring.ts';

/** Looks up one item in the facts. Pure; what the facts hold beyond the item is ignored. */
export function observeItem(item: WiringItem, facts: Facts): Observation {
  const ns = facts[item.place];
  switch (item.kind) {
    case 'link':
      return observeLink(item, facts);
    case 'address':
      return observeAddress(item, ns);
    case 'route':
      return observeRoute(item, ns);
    case 'rule':
      return observeRule(item, ns);
    case 'neighbour':
      return observeNeighbour(item, ns);
    case 'sysctl':
      return observeSysctl(item, ns);
    case 'absent':
      return observeAbsent(item, ns);
    case 'vf':
      return observeVf(item, ns);
    case 'nft-table':
    case 'nft-chain':
    case 'nft-rule':
      return observeNft(item, ns);
  }
}

function observeAddress(item: AddressItem, ns: NsFacts): Observation {
  const fact = ns.addresses.find(address => address.dev === item.dev && address.address === item.address);
  if (fact === undefined) return missing;
  // IPv6 scopes follow from the address; nobody can choose them.
  if (item.scope === undefined || familyOf(item.address) === 6 || fact.scope === item.scope) return equal;
  return {
    state: 'different',
    actual: { kind: 'address', place: item.place, dev: item.dev, address: item.address, scope: fact.scope },
    wrong: differences([['scope', fact.scope, item.scope]]),
  };
}

function observeRoute(item: RouteItem, ns: NsFacts): Observation {
  const wanted = wantedRoute(item);
  const rivals = ns.routes.filter(route => findRival(route, wanted) !== undefined);
  if (rivals.some(route => item.yields === true || isSameRoute(observedRoute(route), wanted))) return equal;
  // What cannot be said in our terms (blackhole, ways out of several links) cannot be put back either.
  const rival = rivals.flatMap(route => routeItemOf(route, item.place) ?? [])[0];
  if (rival === undefined) return missing;
  const actual = wantedRoute(rival);
  return {
    state: 'different',
    actual: rival,
    wrong: differences([
      ['dev', actual.dev, wanted.dev],
      ['via', actual.via, wanted.via],
      ['src', actual.src, wanted.src],
      ['scope', actual.scope, wanted.scope],
      ['mtu', actual.mtu, wanted.mtu],
      ['advmss', actual.advmss, wanted.advmss],
    ]),
  };
}

/** The route of the facts in our own terms, so that it can be put back to the last field. */
function routeItemOf(fact: RouteFact, place: Place): RouteItem | undefined {
  const { dev, ...ways } = waysOf(fact);
  if (dev === undefined) return undefined;
  const { dst, src, table, scope, metric, mtu, advmss, protocol } = fact;
  return {
    kind: 'route',
    place,
    dst,
    dev,
    ...ways,
    ...(src === undefined ? {} : { src }),
    table,
    scope,
    ...(metric === undefined ? {} : { metric }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(advmss === undefined ? {} : { advmss }),
    protocol,
  };
}

function observeAbsent({ what, place }: AbsentItem, ns: NsFacts): Observation {
  const found = what.kind === 'route' ? findRoute(what, place, ns) : findAddress(what, place, ns);
  return found === undefined ? equal : { state: 'different', actual: found, wrong: 'it is there, expected none' };
}

function findRoute(what: RouteItem, place: Place, ns: NsFacts): RouteItem | undefined {
  const wanted = wantedRoute(what);
  for (const fact of ns.routes) {
    const rival = findRival(fact, wanted);
    if (rival === undefined) continue;
    const found = isSameRoute(rival, wanted) ? routeItemOf(fact, place) : undefined;
    if (found !== undefined) return found;
    // IPv6 joins routes of one metric to one with several ways out, each of which can be taken away alone.
    const hop = fact.family === 6 && fact.nexthops?.find(({ dev, via }) => dev === what.dev && via === what.via);
    if (!hop) continue;
    const { nexthops: _nexthops, ...alone } = fact;
    return routeItemOf({ ...alone, dev: hop.dev, ...(hop.via === undefined ? {} : { via: hop.via }) }, place);
  }
  return undefined;
}

function findAddress(what: AddressItem, place: Place, ns: NsFacts): AddressItem | undefined {
  const fact = ns.addresses.find(address => address.dev === what.dev && address.address === what.address);
  return fact && { kind: 'address', place, dev: fact.dev, address: fact.address, scope: fact.scope };
}

function observeRule(item: RuleItem, ns: NsFacts): Observation {
  return ns.rules.some(rule => isSameRule(rule, item)) ? equal : missing;
}

function observeNeighbour(item: NeighbourItem, ns: NsFacts): Observation {
  const fact = ns.neighbours.find(neighbour => neighbour.dev === item.dev && neighbour.address === item.address);
  if (fact?.lladdr === undefined) return missing;
  if (fact.isPermanent && fact.lladdr === item.lladdr) return equal;
  const wrong = differences([
    ['lladdr', fact.lladdr, item.lladdr],
    ['state', fact.isPermanent ? 'permanent' : 'not permanent', 'permanent'],
  ]);
  // A learned entry is a cache line: nobody misses it, and pinning it on undo would be wrong.
  if (!fact.isPermanent) return { state: 'different', wrong };
  const { kind, place, dev, address } = item;
  return { state: 'different', actual: { kind, place, dev, address, lladdr: fact.lladdr }, wrong };
}

function observeSysctl(item: SysctlItem, ns: NsFacts): Observation {
  const value = ns.sysctls[item.path];
  if (value === undefined) return missing;
  if (sysctlText(value) === sysctlText(item.value)) return equal;
  return {
    state: 'different',
    actual: { kind: 'sysctl', place: item.place, path: item.path, value: value.trim() },
    wrong: differences([['value', value.trim(), item.value]]),
  };
}

/** Missing: the driver does not tell of it. It may take it all the same. */
function observeVf(item: VfItem, ns: NsFacts): Observation {
  const fact = ns.vfs?.[item.dev]?.find(({ vf }) => vf === item.vf);
  const setting = fact?.settings.find(({ name }) => name === item.setting.name);
  if (setting === undefined) return missing;
  if (isSameVfSetting(setting, item.setting)) return equal;
  const { kind, place, dev, vf } = item;
  return {
    state: 'different',
    actual: { kind, place, dev, vf, setting },
    wrong: `it is ${formatVfSetting(setting)}, expected ${formatVfSetting(item.setting)}`,
  };
}

/** The kernel separates the numbers of a list by tabs, people by blanks. */
function sysctlText(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}
