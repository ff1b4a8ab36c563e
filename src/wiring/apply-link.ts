import { codeOf } from '#base';
import { createBridge, createMacvlan, createVeth, findLink, setLink } from '#netlink';
import type { Announce } from './announce.ts';
import type { KernelPlaces } from './kernel-places.ts';
import type { RisingLinks } from './rising-links.ts';
import type { LinkItem, LinkKind, Place, VethPeer } from './wiring.ts';

/** Makes a link (both ends of a veth), or sets the state of one that is there. */
export function applyLink(
  item: LinkItem,
  isNew: boolean,
  places: KernelPlaces,
  announce: Announce,
  defer: RisingLinks['defer'],
): void {
  const { link } = item;
  const isMade = isNew && createLink(item, places, announce);
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

/** A link is born with its MAC and MTU, and up, with these exceptions. */
function isBornUnfinished(item: LinkItem): boolean {
  return item.place === 'pod' || item.bridge !== undefined || hasLateMtu(item);
}

/** The MTU that a bridge is born with follows its ports; one that is set on it stays. */
function hasLateMtu(item: LinkItem): boolean {
  return item.link.type === 'bridge' && item.mtu !== undefined;
}

/** False when a shared link was made by another attachment meanwhile: then only its state is ours to set. */
function createLink(item: LinkItem, places: KernelPlaces, announce: Announce): boolean {
  const { socket } = places.at(item.place);
  try {
    switch (item.link.type) {
      case 'veth':
        createVethPair(item, item.link.peer, places, announce);
        break;
      case 'macvlan':
        createMacvlanIn(item, item.link, places, announce);
        break;
      case 'bridge': {
        const { mtu: _mtu, ...birth } = birthOf(item);
        announce();
        createBridge(socket, birth);
        break;
      }
      case 'existing':
        return false;
    }
  } catch (error) {
    const isOurs = item.shared !== undefined && findLink(socket, item.name)?.kind === item.link.type;
    if (codeOf(error) !== 'EEXIST' || !isOurs) throw error;
    return false;
  }
  places.forget(item.place, item.name);
  return true;
}

function createVethPair(item: LinkItem, peer: VethPeer, places: KernelPlaces, announce: Announce): void {
  const ns = peer.place === item.place ? {} : { ns: places.at(peer.place).ns };
  const { isUp: _isUp, ...peerBirth } = birthOf(peer);
  announce();
  createVeth(places.at(item.place).socket, { ...birthOf(item), peer: { ...peerBirth, ...ns } });
  places.forget(peer.place, peer.name);
}

type MacvlanKind = Extract<LinkKind, { type: 'macvlan' }>;

function createMacvlanIn(item: LinkItem, link: MacvlanKind, places: KernelPlaces, announce: Announce): void {
  const { socket } = places.at(item.place);
  const masterIfindex = places.ifindex(link.masterPlace, link.master);
  const masterNs = link.masterPlace === item.place ? {} : { masterNs: places.at(link.masterPlace).ns };
  const bcQueueLen = link.bcQueueLen === undefined ? {} : { bcQueueLen: link.bcQueueLen };
  announce();
  createMacvlan(socket, { ...birthOf(item), ...bcQueueLen, masterIfindex, ...masterNs, mode: link.mode });
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
  announce();
  setLink(places.at(place).socket, ifindex, {
    isUp: end.isUp,
    ...(end.mac === undefined ? {} : { mac: end.mac }),
    ...(end.mtu === undefined ? {} : { mtu: end.mtu }),
    ...masterIfindex,
  });
}
