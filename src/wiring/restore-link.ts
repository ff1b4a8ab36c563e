import type { LinkFact } from '#facts';
import { findLink, setLink } from '#netlink';
import { portOf } from './apply-link.ts';
import type { Handles, PlaceHandle } from './handles.ts';
import type { LinkItem, VethPeer } from './wiring.ts';

/** Sets a link's state back, field by field: only those fields that still are as we set them. */
export function restoreLink(item: LinkItem, previous: LinkItem, handles: Handles): void {
  restoreEnd(item, previous, handles);
  if (item.link.type !== 'veth' || previous.link.type !== 'veth') return;
  restoreEnd(item.link.peer, previous.link.peer, handles);
}

function restoreEnd(ours: LinkItem | VethPeer, previous: LinkItem | VethPeer, handles: Handles): void {
  const handle = handles[ours.place];
  const fact = handle === undefined ? undefined : findLink(handle.socket, ours.name);
  if (handle === undefined || fact === undefined) return;
  const isStillOurs = (field: 'isPromiscuous' | 'isHairpin' | 'isIsolated'): boolean =>
    ours[field] !== undefined &&
    ours[field] !== (previous[field] === true) &&
    (fact[field] === true) === ours[field] &&
    (field === 'isPromiscuous' || fact.masterIfindex !== undefined);
  const state = {
    ...(ours.isUp !== previous.isUp && fact.isUp === ours.isUp ? { isUp: previous.isUp } : {}),
    ...(previous.mtu !== undefined && ours.mtu !== previous.mtu && fact.mtu === ours.mtu ? { mtu: previous.mtu } : {}),
    ...(previous.mac !== undefined && ours.mac !== previous.mac && fact.mac === ours.mac ? { mac: previous.mac } : {}),
    ...previousMaster(ours, previous, fact, handle),
    ...(isStillOurs('isPromiscuous') ? { isPromiscuous: previous.isPromiscuous === true } : {}),
    ...portOf({
      ...(isStillOurs('isHairpin') ? { isHairpin: previous.isHairpin === true } : {}),
      ...(isStillOurs('isIsolated') ? { isIsolated: previous.isIsolated === true } : {}),
    }),
  };
  if (Object.keys(state).length > 0) setLink(handle.socket, fact.ifindex, state);
}

/** Index of the bridge that the link was a port of; 0 takes it out of ours. */
function previousMaster(
  ours: LinkItem | VethPeer,
  previous: LinkItem | VethPeer,
  fact: LinkFact,
  { socket }: PlaceHandle,
): { readonly masterIfindex?: number } {
  if (ours.bridge === undefined || ours.bridge === previous.bridge || fact.masterIfindex === undefined) return {};
  if (findLink(socket, ours.bridge)?.ifindex !== fact.masterIfindex) return {};
  const before = previous.bridge === undefined ? undefined : findLink(socket, previous.bridge);
  return { masterIfindex: before?.ifindex ?? 0 };
}
