import { forEachAttribute, readText } from './attribute.ts';
import type { LinkFact, MacvlanMode } from './fact.ts';
import { AF_UNSPEC } from './family.ts';
import { decodeMac } from './mac-bytes.ts';
import { decodeMacvlanMode } from './macvlan-mode.ts';

export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const RTM_SETLINK = 19;

export const IFLA_ADDRESS = 1;
export const IFLA_IFNAME = 3;
export const IFLA_MTU = 4;
export const IFLA_LINK = 5;
export const IFLA_MASTER = 10;
export const IFLA_LINKINFO = 18;
export const IFLA_IFALIAS = 20;
export const IFLA_NET_NS_FD = 28;
export const IFLA_EXT_MASK = 29;
export const IFLA_LINK_NETNSID = 37;
export const IFLA_INFO_KIND = 1;
export const IFLA_INFO_DATA = 2;
export const IFLA_MACVLAN_MODE = 1;

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;

/** `struct ifinfomsg`: u8 family, u8 pad, u16 type, i32 index, u32 flags, u32 change. */
export function encodeLinkHeader(fields: { readonly ifindex?: number; readonly isUp?: boolean }): Buffer {
  const header = Buffer.alloc(LINK_HEADER_SIZE);
  header.writeUInt8(AF_UNSPEC, 0);
  header.writeInt32LE(fields.ifindex ?? 0, 4);
  if (fields.isUp !== undefined) {
    header.writeUInt32LE(fields.isUp ? IFF_UP : 0, 8);
    header.writeUInt32LE(IFF_UP, 12);
  }
  return header;
}

const LINK_HEADER_SIZE = 16;

/** Decodes RTM_NEWLINK and RTM_DELLINK. */
export function decodeLink(buffer: Buffer, start: number, end: number): LinkFact | undefined {
  // Bridge port notifications come as RTM_NEWLINK of family AF_BRIDGE and tell of the port only.
  if (buffer.readUInt8(start) !== AF_UNSPEC) return undefined;
  const flags = buffer.readUInt32LE(start + 8);
  const link: { -readonly [Key in keyof LinkFact]: LinkFact[Key] } = {
    ifindex: buffer.readInt32LE(start + 4),
    name: '',
    mtu: 0,
    isUp: (flags & IFF_UP) !== 0,
    isLoopback: (flags & IFF_LOOPBACK) !== 0,
  };
  forEachAttribute(buffer, start + LINK_HEADER_SIZE, end, (type, from, to) => {
    if (type === IFLA_IFNAME) link.name = readText(buffer, from, to);
    else if (type === IFLA_MTU) link.mtu = buffer.readUInt32LE(from);
    else if (type === IFLA_LINK) link.linkIfindex = buffer.readUInt32LE(from);
    else if (type === IFLA_LINK_NETNSID) link.linkNetnsid = buffer.readInt32LE(from);
    else if (type === IFLA_MASTER) link.masterIfindex = buffer.readUInt32LE(from);
    else if (type === IFLA_IFALIAS) link.alias = readText(buffer, from, to);
    else if (type === IFLA_ADDRESS) {
      const mac = decodeMac(buffer.subarray(from, to));
      if (mac !== undefined) link.mac = mac;
    } else if (type === IFLA_LINKINFO) {
      Object.assign(link, decodeLinkInfo(buffer, from, to));
    }
  });
  return link;
}

function decodeLinkInfo(
  buffer: Buffer,
  start: number,
  end: number,
): { readonly kind?: string; readonly macvlanMode?: MacvlanMode } {
  let kind: string | undefined;
  let macvlanMode: MacvlanMode | undefined;
  forEachAttribute(buffer, start, end, (type, from, to) => {
    if (type === IFLA_INFO_KIND) kind = readText(buffer, from, to);
    // The kernel sends the kind before the data; what data means depends on it.
    if (type !== IFLA_INFO_DATA || kind !== 'macvlan') return;
    forEachAttribute(buffer, from, to, (dataType, dataFrom) => {
      if (dataType === IFLA_MACVLAN_MODE) macvlanMode = decodeMacvlanMode(buffer.readUInt32LE(dataFrom));
    });
  });
  return { ...(kind === undefined ? {} : { kind }), ...(macvlanMode === undefined ? {} : { macvlanMode }) };
}
