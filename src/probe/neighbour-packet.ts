import type { Ip } from '#ip';
import { ETH_P_IPV6, ETHERNET_HEADER_SIZE, newFrame, readIpAt, sourceOf, writeIp, writeMac } from './frame.ts';

/** A neighbour solicitation or advertisement (RFC 4861, sections 4.3 and 4.4). */
export interface NeighbourPacket {
  readonly kind: 'solicitation' | 'advertisement';
  /** `::` in a probe for duplicates. */
  readonly source: Ip;
  /** The address that it is about. */
  readonly target: Ip;
  /** Whose the frame is. */
  readonly mac: string;
}

const IPV6_HEADER_SIZE = 40;
const ICMPV6 = 58;
/** Whatever has passed a router has fewer: RFC 4861, section 7.1. */
const HOP_LIMIT = 255;
const ND_NEIGHBOR_SOLICIT = 135;
const ND_NEIGHBOR_ADVERT = 136;
const ND_OPT_SOURCE_LINKADDR = 1;
const ND_OPT_TARGET_LINKADDR = 2;
const ND_NA_FLAG_OVERRIDE = 0x2000_0000;
const MESSAGE_SIZE = 24;
const OPTION_SIZE = 8;

const NOBODY: Ip = { family: 6, value: 0n };
const ALL_NODES: Ip = { family: 6, value: (0xff02n << 112n) | 1n };
const SOLICITED_NODE = (0xff02n << 112n) | 0x1_ff00_0000n;

/** The group in which whoever has an address listens: ff02::1:ffXX:XXXX (RFC 4291, section 2.7.1). */
export function solicitedNode(address: Ip): Ip {
  return { family: 6, value: SOLICITED_NODE | (address.value & 0xff_ffffn) };
}

/** The MAC that stands for an IPv6 group: 33:33 and its last four bytes (RFC 2464, section 7). */
export function groupMac(group: Ip): string {
  const digits = (group.value & 0xffff_ffffn).toString(16).padStart(8, '0');
  return `33:33:${digits.replace(/..(?!$)/g, '$&:')}`;
}

/** "Does anybody have this address?", as in duplicate address detection (RFC 4862, section 5.4.2). */
export function neighbourProbe(mac: string, address: Ip): Buffer {
  return solicitation(mac, NOBODY, address);
}

/** "Who has `target`? Tell `source`". */
export function neighbourRequest(mac: string, source: Ip, target: Ip): Buffer {
  return solicitation(mac, source, target);
}

/** "I have this address", said to all nodes so that they overwrite what they know (RFC 4861, section 7.2.6). */
export function neighbourAnnouncement(mac: string, address: Ip): Buffer {
  return packet(mac, {
    type: ND_NEIGHBOR_ADVERT,
    source: address,
    destination: ALL_NODES,
    target: address,
    flags: ND_NA_FLAG_OVERRIDE,
    option: ND_OPT_TARGET_LINKADDR,
  });
}

function solicitation(mac: string, source: Ip, target: Ip): Buffer {
  return packet(mac, {
    type: ND_NEIGHBOR_SOLICIT,
    source,
    destination: solicitedNode(target),
    target,
    flags: 0,
    // One that comes from nobody must not say whose it is.
    ...(source.value === 0n ? {} : { option: ND_OPT_SOURCE_LINKADDR }),
  });
}

interface Message {
  readonly type: number;
  readonly source: Ip;
  readonly destination: Ip;
  readonly target: Ip;
  readonly flags: number;
  /** The option that names the sender's MAC. */
  readonly option?: number;
}

/**
 *     IPv6    0: version 6   4: u16 length   6: next header   7: hop limit   8: source   24: destination
 *     ICMPv6  0: type   1: code   2: u16 checksum   4: flags   8: target   24: option (type, length 1, MAC)
 */
function packet(mac: string, { type, source, destination, target, flags, option }: Message): Buffer {
  const size = MESSAGE_SIZE + (option === undefined ? 0 : OPTION_SIZE);
  const frame = newFrame(groupMac(destination), mac, ETH_P_IPV6, IPV6_HEADER_SIZE + size);
  const header = frame.subarray(ETHERNET_HEADER_SIZE);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(size, 4);
  header.writeUInt8(ICMPV6, 6);
  header.writeUInt8(HOP_LIMIT, 7);
  writeIp(header, 8, source);
  writeIp(header, 24, destination);
  const message = header.subarray(IPV6_HEADER_SIZE);
  message.writeUInt8(type, 0);
  message.writeUInt32BE(flags, 4);
  writeIp(message, 8, target);
  if (option !== undefined) {
    message.writeUInt8(option, MESSAGE_SIZE);
    message.writeUInt8(1, MESSAGE_SIZE + 1);
    writeMac(message, MESSAGE_SIZE + 2, mac);
  }
  message.writeUInt16BE(checksum(header.subarray(8, 40), message), 2);
  return frame;
}

/** Of ICMPv6: over both addresses, length, protocol and the message (RFC 8200, section 8.1). */
function checksum(addresses: Buffer, message: Buffer): number {
  let sum = ICMPV6 + message.length;
  for (const part of [addresses, message]) {
    for (let at = 0; at < part.length; at += 2) sum += part.readUInt16BE(at);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Reads a frame; undefined when it is neither of both messages, or has come through a router. */
export function readNeighbour(frame: Buffer): NeighbourPacket | undefined {
  if (frame.length < ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE + MESSAGE_SIZE) return undefined;
  if (frame.readUInt16BE(12) !== ETH_P_IPV6) return undefined;
  const header = frame.subarray(ETHERNET_HEADER_SIZE);
  if (header.readUInt8(6) !== ICMPV6 || header.readUInt8(7) !== HOP_LIMIT) return undefined;
  const message = header.subarray(IPV6_HEADER_SIZE);
  const type = message.readUInt8(0);
  if (type !== ND_NEIGHBOR_SOLICIT && type !== ND_NEIGHBOR_ADVERT) return undefined;
  return {
    kind: type === ND_NEIGHBOR_SOLICIT ? 'solicitation' : 'advertisement',
    source: readIpAt(header, 8, 6),
    target: readIpAt(message, 8, 6),
    mac: sourceOf(frame),
  };
}
