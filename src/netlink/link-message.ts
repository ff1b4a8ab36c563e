import { forEachAttribute, readText } from './attribute.ts';
import { decodeBridgePort } from './bridge-port.ts';
import type { BridgePortFact, LinkFact, LinkKindFact } from './fact.ts';
import { AF_UNSPEC } from './family.ts';
import { decodeLinkData } from './link-data.ts';
import { decodeMac } from './mac-bytes.ts';

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
export const IFLA_GROUP = 27;
export const IFLA_NET_NS_FD = 28;
export const IFLA_EXT_MASK = 29;
export const IFLA_LINK_NETNSID = 37;
const IFLA_PARENT_DEV_NAME = 56;
export const IFLA_INFO_KIND = 1;
export const IFLA_INFO_DATA = 2;
export const IFLA_INFO_SLAVE_KIND = 4;
export const IFLA_INFO_SLAVE_DATA = 5;

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_PROMISC = 0x100;
const IFF_LOWER_UP = 0x1_0000;

interface LinkHeader {
  readonly ifindex?: number;
  readonly isUp?: boolean;
  readonly isPromiscuous?: boolean;
}

/** `struct ifinfomsg`: u8 family, u8 pad, u16 type, i32 index, u32 flags, u32 change. */
export function encodeLinkHeader(fields: LinkHeader): Buffer {
  const header = Buffer.alloc(LINK_HEADER_SIZE);
  const { isUp, isPromiscuous } = fields;
  header.writeUInt8(AF_UNSPEC, 0);
  header.writeInt32LE(fields.ifindex ?? 0, 4);
  header.writeUInt32LE((isUp === true ? IFF_UP : 0) | (isPromiscuous === true ? IFF_PROMISC : 0), 8);
  header.writeUInt32LE((isUp === undefined ? 0 : IFF_UP) | (isPromiscuous === undefined ? 0 : IFF_PROMISC), 12);
  return header;
}

const LINK_HEADER_SIZE = 16;

/** A link's index alone. */
export function decodeIfindex(buffer: Buffer, start: number): number {
  return buffer.readInt32LE(start + 4);
}

/** Whether a link is up and has carrier. */
export function decodeCarrier(buffer: Buffer, start: number): boolean {
  const flags = buffer.readUInt32LE(start + 8);
  return (flags & IFF_UP) !== 0 && (flags & IFF_LOWER_UP) !== 0;
}

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
    ...((flags & IFF_PROMISC) === 0 ? {} : { isPromiscuous: true }),
  };
  forEachAttribute(buffer, start + LINK_HEADER_SIZE, end, (type, from, to) => {
    if (type === IFLA_IFNAME) link.name = readText(buffer, from, to);
    else if (type === IFLA_MTU) link.mtu = buffer.readUInt32LE(from);
    else if (type === IFLA_LINK) link.linkIfindex = buffer.readUInt32LE(from);
    else if (type === IFLA_LINK_NETNSID) link.linkNetnsid = buffer.readInt32LE(from);
    else if (type === IFLA_MASTER) link.masterIfindex = buffer.readUInt32LE(from);
    else if (type === IFLA_IFALIAS) link.alias = readText(buffer, from, to);
    else if (type === IFLA_PARENT_DEV_NAME) link.parentDevice = readText(buffer, from, to);
    else if (type === IFLA_ADDRESS) {
      const mac = decodeMac(buffer.subarray(from, to));
      if (mac !== undefined) link.mac = mac;
    } else if (type === IFLA_LINKINFO) {
      Object.assign(link, decodeLinkInfo(buffer, from, to));
    }
  });
  return link;
}

type LinkInfo = LinkKindFact & BridgePortFact & { readonly kind?: string };

/** The kernel sends a kind before its data; what data means depends on it. */
function decodeLinkInfo(buffer: Buffer, start: number, end: number): LinkInfo {
  let info: LinkInfo = {};
  let masterKind = '';
  forEachAttribute(buffer, start, end, (type, from, to) => {
    if (type === IFLA_INFO_KIND) info = { ...info, kind: readText(buffer, from, to) };
    else if (type === IFLA_INFO_DATA) info = { ...info, ...decodeLinkData(info.kind ?? '', buffer, from, to) };
    else if (type === IFLA_INFO_SLAVE_KIND) masterKind = readText(buffer, from, to);
    else if (type === IFLA_INFO_SLAVE_DATA && masterKind === 'bridge') {
      info = { ...info, ...decodeBridgePort(buffer, from, to) };
    }
  });
  return info;
}
