import type {
  AddressFact,
  Facts,
  LinkFact,
  NeighbourFact,
  NftablesFacts,
  NsFacts,
  RouteFact,
  RuleFact,
  VfFact,
} from '#facts';
import { RTPROT_BOOT } from '#netlink';
import { connectedRoute } from './connected-route.ts';
import { layNft } from './overlay-nft.ts';
import { familyOf } from './prefix-text.ts';
import { findRival, isSameRoute, observedRoute, routeIdentity, wantedRoute } from './route-identity.ts';
import { isSameRule } from './rule-identity.ts';
import type {
  AddressItem,
  LinkItem,
  MovedKind,
  Place,
  RouteItem,
  VethPeer,
  VfItem,
  Wiring,
  WiringItem,
} from './wiring.ts';

/**
 * The facts as they would be with the wiring applied: what a later plugin of a chain plans on. Pure.
 * Links that do not exist yet get indexes that nobody has. Connected routes come with the addresses, as the kernel
 * makes them; what a link derives for itself (fe80 addresses) is left out.
 */
export function overlayWiring(facts: Facts, wiring: Wiring): Facts {
  const layers = createLayers(facts);
  for (const item of wiring) layItem(layers, item);
  return layers;
}

/** Facts that `layItem` may write to. */
export interface Layers {
  readonly host: NsLayers;
  readonly pod: NsLayers;
}

interface NsLayers extends NsFacts {
  links: LinkFact[];
  addresses: AddressFact[];
  routes: RouteFact[];
  rules: RuleFact[];
  neighbours: NeighbourFact[];
  sysctls: Record<string, string>;
  nftables?: NftablesFacts;
  vfs?: Readonly<Record<string, readonly VfFact[]>>;
}

/** A writable copy; the facts themselves stay as they are. */
export function createLayers(facts: Facts): Layers {
  return { host: copyNs(facts.host), pod: copyNs(facts.pod) };
}

function copyNs(ns: NsFacts): NsLayers {
  return {
    links: [...ns.links],
    addresses: [...ns.addresses],
    routes: [...ns.routes],
    rules: [...ns.rules],
    neighbours: [...ns.neighbours],
    sysctls: { ...ns.sysctls },
    ...(ns.nftables === undefined ? {} : { nftables: ns.nftables }),
    ...(ns.vfs === undefined ? {} : { vfs: ns.vfs }),
  };
}

/** Lays one item over the facts. */
export function layItem(layers: Layers, item: WiringItem): void {
  const ns = layers[item.place];
  switch (item.kind) {
    case 'link':
      layLink(layers, item);
      return;
    case 'address':
      layAddress(ns, item);
      return;
    case 'route':
      layRoute(ns, item);
      return;
    case 'rule': {
      const { kind: _kind, place: _place, shared: _shared, ...rule } = item;
      if (!ns.rules.some(fact => isSameRule(fact, rule))) ns.rules.push(rule);
      return;
    }
    case 'neighbour': {
      const { dev, address, lladdr } = item;
      ns.neighbours = ns.neighbours.filter(fact => fact.dev !== dev || fact.address !== address);
      ns.neighbours.push({ family: familyOf(address), address, dev, lladdr, isPermanent: true });
      return;
    }
    case 'sysctl':
      ns.sysctls[item.path] = item.value;
      return;
    case 'nft-table':
    case 'nft-chain':
    case 'nft-rule':
      ns.nftables = layNft(ns.nftables, item);
      return;
    case 'vf':
      layVf(ns, item);
      return;
    case 'absent':
      if (item.what.kind === 'route') removeRoute(ns, item.what);
      else removeAddress(ns, item.what);
      return;
  }
}

function layLink(layers: Layers, item: LinkItem): void {
  const { link } = item;
  if (link.type !== 'veth') {
    const own = link.type === 'moved' ? takeDevice(layers, link) : kindFields(layers, item);
    layEnd(layers, item.place, item, own);
    return;
  }
  const found = findEnd(layers, item.place, item.name)?.ifindex;
  const ifindex = found ?? nextIfindex(layers);
  const peerIfindex = findEnd(layers, link.peer.place, link.peer.name)?.ifindex ?? nextIfindex(layers, ifindex);
  const netnsid = item.place === link.peer.place ? {} : { linkNetnsid: 0 };
  layEnd(layers, item.place, item, { kind: 'veth', ifindex, linkIfindex: peerIfindex, ...netnsid });
  layEnd(layers, link.peer.place, link.peer, {
    kind: 'veth',
    ifindex: peerIfindex,
    linkIfindex: ifindex,
    ...netnsid,
  });
}

function kindFields(layers: Layers, item: LinkItem): Partial<LinkFact> {
  const { link } = item;
  if (link.type === 'existing' || link.type === 'moved') return {};
  if (link.type === 'bridge' && link.hasVlanFiltering === true) return { kind: 'bridge', hasVlanFiltering: true };
  if (!('master' in link)) return { kind: link.type };
  const master = findEnd(layers, link.masterPlace, link.master);
  const inherited = link.type !== 'macvlan' && master?.mac !== undefined ? { mac: master.mac } : {};
  return {
    kind: link.type,
    ...inherited,
    ...modeFields(link),
    mtu: item.mtu ?? master?.mtu ?? ETHERNET_MTU,
    ...(master === undefined ? {} : { linkIfindex: master.ifindex }),
    ...(item.place === link.masterPlace ? {} : { linkNetnsid: 0 }),
  };
}

function modeFields(link: Extract<LinkItem['link'], { readonly master: string }>): Partial<LinkFact> {
  switch (link.type) {
    case 'macvlan':
      return { macvlanMode: link.mode };
    case 'ipvlan':
      return { ipvlanMode: link.mode, ipvlanFlag: link.flag ?? 'bridge' };
    case 'vlan':
      return { vlanId: link.id, vlanProtocol: link.protocol ?? '802.1Q' };
  }
}

/** Takes a device out of its place, with what the kernel drops when it goes. Nothing when it has gone before. */
function takeDevice(layers: Layers, { from, fromPlace }: MovedKind): Partial<LinkFact> {
  const ns = layers[fromPlace];
  const device = ns.links.find(link => link.name === from);
  if (device === undefined) return {};
  ns.links = ns.links.filter(link => link !== device);
  ns.addresses = ns.addresses.filter(address => address.dev !== from);
  ns.routes = ns.routes.filter(route => route.dev !== from);
  ns.neighbours = ns.neighbours.filter(neighbour => neighbour.dev !== from);
  const { masterIfindex: _masterIfindex, ...rest } = device;
  return rest;
}

const ETHERNET_MTU = 1500;

function layEnd(layers: Layers, place: Place, end: LinkItem | VethPeer, own: Partial<LinkFact>): void {
  const ns = layers[place];
  const at = ns.links.findIndex(link => link.name === end.name);
  const before = ns.links[at] ?? { ifindex: nextIfindex(layers), mtu: ETHERNET_MTU, isLoopback: false };
  const bridge = end.bridge === undefined ? undefined : findEnd(layers, place, end.bridge)?.ifindex;
  const fact: LinkFact = {
    ...before,
    ...own,
    name: end.name,
    isUp: end.isUp,
    ...(end.mac === undefined ? {} : { mac: end.mac }),
    ...(end.mtu === undefined ? {} : { mtu: end.mtu }),
    ...(bridge === undefined ? {} : { masterIfindex: bridge }),
    ...(end.isPromiscuous === true ? { isPromiscuous: true } : {}),
    ...(end.isHairpin === true ? { isHairpin: true } : {}),
    ...(end.isIsolated === true ? { isIsolated: true } : {}),
    ...(end.vlans === undefined ? {} : { vlans: end.vlans }),
  };
  if (at < 0) ns.links.push(fact);
  else ns.links[at] = fact;
  for (const address of ns.addresses.filter(each => each.dev === end.name)) layConnectedRoute(ns, address);
}

function layAddress(ns: NsLayers, item: AddressItem): void {
  const { dev, address } = item;
  const before = ns.addresses.find(fact => fact.dev === dev && fact.address === address);
  const fact: AddressFact = { dev, address, scope: item.scope ?? before?.scope ?? 'universe' };
  ns.addresses = [...ns.addresses.filter(each => each !== before), fact];
  layConnectedRoute(ns, fact);
}

/** The kernel makes the route only while the link is up, and only for the first address of a subnet. */
function layConnectedRoute(ns: NsLayers, address: AddressFact): void {
  if (ns.links.find(link => link.name === address.dev)?.isUp !== true) return;
  const route = connectedRoute(address);
  if (route === undefined) return;
  const identity = routeIdentity(route);
  const isThere = ns.routes.some(each => each.dev === route.dev && findRival(each, identity) !== undefined);
  if (!isThere) ns.routes.push(route);
}

function layRoute(ns: NsLayers, item: RouteItem): void {
  const wanted = wantedRoute(item);
  const { family, dst, table, scope } = wanted;
  const { src, metric, mtu, advmss } = item;
  const route: RouteFact = {
    family,
    dst,
    ...waysOut(item),
    table,
    scope,
    protocol: item.protocol ?? RTPROT_BOOT,
    ...(src === undefined ? {} : { src }),
    ...(metric === undefined ? {} : { metric }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(advmss === undefined ? {} : { advmss }),
  };
  // One that yields stands beside its rival: a later plugin of the chain may find it a place of its own.
  const isBeside = item.yields === true;
  if (isBeside && ns.routes.some(fact => isSameRoute(observedRoute(fact), wanted))) return;
  if (!isBeside) ns.routes = ns.routes.filter(fact => findRival(fact, wanted) === undefined);
  ns.routes.push(route);
}

/** As the kernel tells of them. */
function waysOut({ dev, via, moreVias }: RouteItem): Pick<RouteFact, 'dev' | 'via' | 'nexthops'> {
  if (via === undefined) return { dev };
  if (moreVias === undefined || moreVias.length === 0) return { dev, via };
  return { nexthops: [via, ...moreVias].map(gateway => ({ dev, via: gateway, weight: 1 })) };
}

function layVf(ns: NsLayers, { dev, vf, setting }: VfItem): void {
  const vfs = ns.vfs?.[dev];
  if (vfs === undefined) return;
  const lay = (fact: VfFact): VfFact =>
    fact.vf === vf ? { vf, settings: [...fact.settings.filter(({ name }) => name !== setting.name), setting] } : fact;
  ns.vfs = { ...ns.vfs, [dev]: vfs.map(lay) };
}

function removeRoute(ns: NsLayers, item: RouteItem): void {
  const unwanted = wantedRoute(item);
  ns.routes = ns.routes.filter(fact => !isSameRoute(observedRoute(fact), unwanted));
}

/** The kernel takes the connected route along. */
function removeAddress(ns: NsLayers, { dev, address }: AddressItem): void {
  const fact = ns.addresses.find(each => each.dev === dev && each.address === address);
  if (fact === undefined) return;
  ns.addresses = ns.addresses.filter(each => each !== fact);
  const route = connectedRoute(fact);
  if (route === undefined) return;
  const identity = routeIdentity(route);
  ns.routes = ns.routes.filter(each => !isSameRoute(routeIdentity(each), identity));
}

function findEnd(layers: Layers, place: Place, name: string): LinkFact | undefined {
  return layers[place].links.find(link => link.name === name);
}

/** One more than any index in use on either side: unmistakable for that of a link that exists. */
function nextIfindex(layers: Layers, atLeast = 0): number {
  let highest = atLeast;
  for (const link of layers.host.links) highest = Math.max(highest, link.ifindex);
  for (const link of layers.pod.links) highest = Math.max(highest, link.ifindex);
  return highest + 1;
}
