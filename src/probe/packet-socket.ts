import { close, closeSync, readSync, writeSync } from 'node:fs';
import { codeOf, createKeyedQueue } from '#base';
import { type NetNamespace, runSync } from '#netns';
import { attachFilterSync, bindSync, sendToSync, setsockoptSync, socketSync, watchReadable } from '#sys';
import { ETH_P_IPV6 } from './frame.ts';

/** Frames of one protocol on one link. */
export interface PacketSocket {
  /** Sends a whole Ethernet frame. One that the link has no room for is lost, as any frame may be. @throws what the kernel says */
  send(frame: Uint8Array): void;
  /** Reports at once what has come so far, instead of at the event loop's next turn. */
  drainSync(): void;
  /** Ends it; nothing is reported after. May be called more than once. */
  close(): void;
}

export interface PacketSocketOptions {
  /** Where the link is. May be disposed afterwards. */
  readonly ns: NetNamespace;
  readonly ifindex: number;
  /** ETH_P_*. Of IPv6, only what neighbours say to each other. */
  readonly etherType: number;
  /** MACs of groups whose frames the link is to let through. */
  readonly groups: readonly string[];
  readonly onFrame: (frame: Buffer) => void;
}

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_MR_MULTICAST = 0;

/** An Ethernet frame of any usual size. Longer ones are cut, which does no harm to what we read. */
const FRAME_SIZE = 2048;

/**
 * Hears and sends on a link. Does not keep the process alive.
 * @throws SysError, NetnsError; nothing is open then
 */
export function openPacketSocket({ ns, ifindex, etherType, groups, onFrame }: PacketSocketOptions): PacketSocket {
  const fd = openUnbound(ns);
  try {
    if (etherType === ETH_P_IPV6) attachFilterSync(fd, NEIGHBOURS_ONLY);
    for (const mac of groups) setsockoptSync(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership(ifindex, mac));
    // From here on it hears, and from no other link than this.
    bindSync(fd, linkAddress(ifindex, etherType));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  const buffer = Buffer.allocUnsafeSlow(FRAME_SIZE);
  let isClosed = false;
  const drainSync = (): void => {
    while (!isClosed) {
      const size = readFrame(fd, buffer);
      if (size === 0) return;
      onFrame(buffer.subarray(0, size));
    }
  };
  const watch = watchReadable(fd, drainSync);
  return {
    send: frame => attemptSend(() => writeSync(fd, frame)),
    drainSync,
    close() {
      if (isClosed) return;
      isClosed = true;
      watch.close();
      closeLater(fd);
    },
  };
}

/** Sends frames on any link of a namespace, and hears nothing. */
export interface PacketSender {
  /** Sends a whole Ethernet frame. As of a {@link PacketSocket}. */
  send(ifindex: number, frame: Uint8Array): void;
  close(): void;
}

/** @throws SysError, NetnsError */
export function openPacketSender(ns: NetNamespace): PacketSender {
  const fd = openUnbound(ns);
  return {
    send: (ifindex, frame) => attemptSend(() => sendToSync(fd, frame, linkAddress(ifindex, 0))),
    close: () => closeLater(fd),
  };
}

/** Of no protocol yet: it would hear every link otherwise until it is bound, and binding would take the kernel milliseconds. */
function openUnbound(ns: NetNamespace): number {
  return runSync(ns, () => socketSync(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// One queue a process: it guards the process's one thread pool.
const closings = createKeyedQueue(1);

/** The kernel waits for its readers, some 15 ms, before such a socket is closed: on a pool thread, and on one only. */
function closeLater(fd: number): void {
  const closed = closings.run(String(fd), () => new Promise<void>(resolve => close(fd, () => resolve())));
  // Neither can fail: the descriptor is ours, and nothing aborts the queue.
  closed.catch(() => undefined);
}

/** A full queue, or an interruption, loses a frame, which is why each is sent more than once. */
const LOSSES: readonly string[] = ['EAGAIN', 'EINTR', 'ENOBUFS'];

function attemptSend(send: () => void): void {
  try {
    send();
  } catch (error) {
    if (!LOSSES.includes(codeOf(error))) throw error;
  }
}

/** 0 when there is none. */
function readFrame(fd: number, buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, buffer);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EINTR') continue;
      // A link that goes down tells of it once, and the event loop nothing any more: what comes then is found by drainSync().
      if (code === 'ENETDOWN') continue;
      if (code === 'EAGAIN') return 0;
      throw error;
    }
  }
}

/** `struct sockaddr_ll`: u16 family, be16 protocol, i32 index, u16 hardware type, u8 packet type, u8 length, 8 bytes of address. */
function linkAddress(ifindex: number, etherType: number): Buffer {
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16BE(etherType, 2);
  address.writeInt32LE(ifindex, 4);
  return address;
}

/** `struct packet_mreq`: i32 index, u16 type, u16 length, 8 bytes of address. */
function membership(ifindex: number, mac: string): Buffer {
  const request = Buffer.alloc(16);
  request.writeInt32LE(ifindex, 0);
  request.writeUInt16LE(PACKET_MR_MULTICAST, 4);
  request.writeUInt16LE(6, 6);
  request.write(mac.replaceAll(':', ''), 8, 'hex');
  return request;
}

/** A node's own link carries much else: what is not about neighbours is left out in the kernel. */
const NEIGHBOURS_ONLY = filterOf([
  // Next header of IPv6, behind 14 bytes of Ethernet: ICMPv6.
  [0x30, 0, 0, 20],
  [0x15, 0, 4, 58],
  // Its type: neighbour solicitation or advertisement.
  [0x30, 0, 0, 54],
  [0x15, 1, 0, 135],
  [0x15, 0, 1, 136],
  [0x06, 0, 0, 0xffff],
  [0x06, 0, 0, 0],
]);

/** Instructions of classic BPF: u16 code, u8 jump if true, u8 jump if false, u32 operand. */
function filterOf(instructions: readonly (readonly [code: number, jt: number, jf: number, k: number])[]): Buffer {
  const filter = Buffer.alloc(instructions.length * 8);
  for (const [index, [code, jt, jf, k]] of instructions.entries()) {
    filter.writeUInt16LE(code, index * 8);
    filter.writeUInt8(jt, index * 8 + 2);
    filter.writeUInt8(jf, index * 8 + 3);
    filter.writeUInt32LE(k, index * 8 + 4);
  }
  return filter;
}
