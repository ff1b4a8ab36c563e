import { codeOf } from '#base';
import { type BridgePort, createLink, createVeth, findLink, moveLink, setBridgeVlans, setLink } from '#netlink';
import type { Announce } from './announce.ts';
import type { KernelPlaces } from './kernel-places.ts';
import { linkDataOf, type MadeKind } from './netlink-spec.ts';
import type { RisingLinks } from './rising-links.ts';
import type { Change, LinkItem, LinkState, MovedKind, Place, VethPeer } from './wiring.ts';

/** Makes a link (both ends of a veth), or sets the state of one that is there. */
export function applyLink(
  item: LinkItem,
  change: Change,
  places: KernelPlaces,
  announce: Announce,
  defer: RisingLinks['defer'],
): void {
  const { link } = item;
  const isMade = isMove(item, change)
    ? bringLink(item, item.link, places, announce)
    : change.op === 'create' && makeLink(item, places, announce);
  const finish = (end: LinkItem | VethPeer) => setState(end.place, end, places, announce);
  // New links of the pod come up when they have their addresses.
  const finishLate = (end: LinkItem | VethPeer) => {
    if (isMade && end.place === 'pod') defer(end.place, end.name, () => finish(end));
    else finish(end);
  };
  if (!isMade || isBornUnfinished(item)) finishLate(item);
  // The kernel cannot bring the second end of a veth up before there is a first.
  if (link.type === 'veth') finishLate(link.peer);
}

type MovedItem = LinkItem & { readonly link: MovedKind };

/** Whether the change takes the device from where it is, rather than setting the state of one that has come already. */
export function isMove(item: LinkItem, change: Change): item is MovedItem {
  return item.link.type === 'moved' && change.op === 'replace' && change.previous.place !== item.place;
}

function bringLink(item: LinkItem, link: MovedKind, places: KernelPlaces, announce: Announce): true {
  const ifindex = places.ifindex(link.fromPlace, link.from);
  announce();
  moveLink(places.at(link.fromPlace).socket, ifindex, places.at(item.place).ns, item.name);
  places.forget(link.fromPlace, link.from);
  places.forget(item.place, item.name);
  return true;
}

/** A link is born with its MAC and MTU, and up, with these exceptions. */
function isBornUnfinished(item: LinkItem): boolean {
  return item.place === 'pod' || item.bridge !== undefined || item.isPromiscuous !== undefined || hasLateMtu(item);
}

/** The MTU that a bridge is born with follows its ports; one that is set on it stays. */
function hasLateMtu(item: LinkItem): boolean {
  return item.link.type === 'bridge' && item.mtu !== undefined;
}

/** False when a shared link was made by another attachment meanwhile: then only its state is ours to set. */
function makeLink(item: LinkItem, places: KernelPlaces, announce: Announce): boolean {
  const { socket } = places.at(item.place);
  try {
    switch (item.link.type) {
      case 'veth':
        createVethPair(item, item.link.peer, places, announce);
        break;
      case 'existing':
      case 'moved':
        return false;
      default:
        createLinkIn(item, item.link, places, announce);
    }
  } catch (error) {
    const isOurs = item.shared !== undefined && findLink(socket, item.name)?.kind === item.link.type;
    if (codeOf(error) !== 'EEXIST' || !isOurs) throw error;
    return false;
  }
  return true;
}

function createVethPair(item: LinkItem, peer: VethPeer, places: KernelPlaces, announce: Announce): void {
  const ns = peer.place === item.place ? {} : { ns: places.at(peer.place).ns };
  const { isUp: _isUp, ...peerBirth } = birthOf(peer);
  const [ifindex, peerIfindex] = [places.freeIfindex(item.place), places.freeIfindex(peer.place)];
  announce();
  const spec = { ...birthOf(item), ifindex, peer: { ...peerBirth, ...ns, ifindex: peerIfindex } };
  createVeth(places.at(item.place).socket, spec);
  places.made(item.place, item.name, ifindex);
  places.made(peer.place, peer.name, peerIfindex);
}

function createLinkIn(item: LinkItem, link: MadeKind, places: KernelPlaces, announce: Announce): void {
  const { mtu, ...birth } = birthOf(item);
  const lateMtu = mtu === undefined || hasLateMtu(item) ? {} : { mtu };
  const spec = { ...birth, ...lateMtu, data: linkDataOf(link) };
  const parent = 'master' in link ? { parentIfindex: places.ifindex(link.masterPlace, link.master) } : {};
  if (!('master' in link) || link.masterPlace === item.place) {
    announce();
    createLink(places.at(item.place).socket, { ...spec, ...parent });
    places.forget(item.place, item.name);
    return;
  }
  const ifindex = places.freeIfindex(item.place);
  announce();
  const birthplace = { ns: places.at(item.place).ns, ifindex };
  createLink(places.at(link.masterPlace).socket, { ...spec, ...parent, birthplace });
  places.made(item.place, item.name, ifindex);
}

function birthOf(end: LinkItem | VethPeer): { name: string; isUp: boolean; mac?: string; mtu?: number } {
  return {
    name: end.name,
    // A port comes up as a port: never a moment of the pod's traffic beside the bridge.
    isUp: end.isUp && end.bridge === undefined && end.place === 'host',
    ...(end.mac === undefined ? {} : { mac: end.mac }),
    ...(end.mtu === undefined ? {} : { mtu: end.mtu }),
  };
}

function setState(place: Place, end: LinkItem | VethPeer, places: KernelPlaces, announce: Announce): void {
  const masterIfindex = end.bridge === undefined ? {} : { masterIfindex: places.ifindex(place, end.bridge) };
  const ifindex = places.ifindex(place, end.name);
  const { socket } = places.at(place);
  const state = {
    ...(end.mac === undefined ? {} : { mac: end.mac }),
    ...(end.mtu === undefined ? {} : { mtu: end.mtu }),
    ...(end.isPromiscuous === undefined ? {} : { isPromiscuous: end.isPromiscuous }),
    ...masterIfindex,
    ...portOf(end),
  };
  if (end.vlans === undefined) {
    announce();
    setLink(socket, ifindex, { isUp: end.isUp, ...state });
    return;
  }
  // Up only when it is in its VLANs: never a moment in that of the bridge's own choice.
  announce();
  setLink(socket, ifindex, state);
  announce();
  setBridgeVlans(socket, ifindex, end.vlans);
  announce();
  setLink(socket, ifindex, { isUp: end.isUp });
}

/** A port's settings as netlink takes them; none when nothing of them is wanted. */
export function portOf({ isHairpin, isIsolated }: Pick<LinkState, 'isHairpin' | 'isIsolated'>): { port?: BridgePort } {
  if (isHairpin === undefined && isIsolated === undefined) return {};
  return {
    port: {
      ...(isHairpin === undefined ? {} : { isHairpin }),
      ...(isIsolated === undefined ? {} : { isIsolated }),
    },
  };
}
