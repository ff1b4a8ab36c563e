import type { Family, Ip } from '#ip';
import type { NetNamespace } from '#netns';
import { protocolOf } from './address-protocol.ts';
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

/** @param addresses those that are asked about: others may ask about them too. @throws SysError, NetnsError */
export function openLinkEar(ns: NetNamespace, ifindex: number, family: Family, addresses: readonly Ip[]): LinkEar {
  const listeners = new Set<(frame: Buffer) => void>();
  const { etherType, groupsOf } = protocolOf(family);
  const socket = openPacketSocket({
    ns,
    ifindex,
    etherType,
    groups: groupsOf(addresses),
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
