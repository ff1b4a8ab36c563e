import type { Family, Ip } from '#ip';
import type { NetNamespace } from '#netns';
import { ETH_P_ARP, ETH_P_IPV6 } from './frame.ts';
import { groupMac, solicitedNode } from './neighbour-packet.ts';
import { openPacketSocket } from './packet-socket.ts';

/** A link, for who asks on it: hears what neighbours of one family say. */
export interface LinkEar {
  send(frame: Uint8Array): void;
  /** Each frame that comes from now on. @returns what ends it */
  listen(onFrame: (frame: Buffer) => void): () => void;
  /** Reports at once what has come so far. */
  drainSync(): void;
  close(): void;
}

/** Everybody's answer to a probe for duplicates. */
const ALL_NODES_MAC = '33:33:00:00:00:01';

/** @param addresses those that are asked about: others may ask about them too. @throws SysError, NetnsError */
export function openLinkEar(ns: NetNamespace, ifindex: number, family: Family, addresses: readonly Ip[]): LinkEar {
  const listeners = new Set<(frame: Buffer) => void>();
  const socket = openPacketSocket({
    ns,
    ifindex,
    etherType: family === 4 ? ETH_P_ARP : ETH_P_IPV6,
    groups: family === 4 ? [] : [ALL_NODES_MAC, ...addresses.map(address => groupMac(solicitedNode(address)))],
    onFrame: frame => {
      for (const listener of listeners) listener(frame);
    },
  });
  return {
    send: socket.send,
    listen(onFrame) {
      listeners.add(onFrame);
      return () => void listeners.delete(onFrame);
    },
    drainSync: socket.drainSync,
    close: socket.close,
  };
}
