import { emptyNsFacts, type NsFacts } from '#facts';
import {
  findLink,
  listAddresses,
  listLinks,
  listNeighboursOf,
  listRoutes,
  listRules,
  listTentativeAddresses,
  type NeighbourFact,
  type RouteSocket,
  withBridgeVlans,
} from '#netlink';
import { readSysctl } from '#netns';
import type { Handles, PlaceHandle } from './handles.ts';
import { missing, type Observation } from './observation.ts';
import { observeItem } from './observe.ts';
import { readWiredNftables } from './read-wired-nftables.ts';
import { readWiredVfs } from './read-wired-vfs.ts';
import type { WiringItem } from './wiring.ts';

/**
 * Looks up one item in the kernel as it is now: asked before something is taken away or put back, so that only our own
 * is touched. `missing` when its namespace is gone. Reads no more than the item's own table.
 */
export function observeKernel(item: WiringItem, handles: Handles): Observation {
  if (handles[item.place] === undefined) return missing;
  const read = (handle: PlaceHandle | undefined): NsFacts =>
    handle === undefined ? emptyNsFacts : { ...emptyNsFacts, ...readTable(item, handle) };
  const needsBoth = item.kind === 'link';
  return observeItem(item, {
    host: item.place === 'host' || needsBoth ? read(handles.host) : emptyNsFacts,
    pod: item.place === 'pod' || needsBoth ? read(handles.pod) : emptyNsFacts,
  });
}

function readTable(item: WiringItem, handle: PlaceHandle): Partial<NsFacts> {
  const { socket, ns } = handle;
  switch (item.kind) {
    case 'link':
      return { links: item.vlans === undefined ? listLinks(socket) : withBridgeVlans(socket, listLinks(socket)) };
    case 'address':
      return { addresses: [...listAddresses(socket), ...listTentativeAddresses(socket)] };
    case 'route':
      return { routes: listRoutes(socket) };
    case 'rule':
      return { rules: listRules(socket) };
    case 'neighbour':
      return { neighbours: neighboursOn(item.dev, socket) };
    case 'sysctl': {
      const value = readSysctl(ns, item.path);
      return value === undefined ? {} : { sysctls: { [item.path]: value } };
    }
    case 'nft-table':
    case 'nft-chain':
    case 'nft-rule':
      return readWiredNftables(handle, [item], item.place);
    case 'vf':
      return readWiredVfs(handle, [item], item.place);
    case 'absent':
      return readTable(item.what, handle);
  }
}

function neighboursOn(dev: string, socket: RouteSocket): readonly NeighbourFact[] {
  const link = findLink(socket, dev);
  return link === undefined ? [] : listNeighboursOf(socket, link);
}
