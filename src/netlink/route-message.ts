import { type Attribute, align4, encodeAttributes, forEachAttribute } from './attribute.ts';
import { NetlinkError } from './errors.ts';
import type { NexthopFact, RouteFact } from './fact.ts';
import { decodeScope, toFamily } from './family.ts';
import { decodeIp } from './ip-text.ts';

export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;

export const RTA_DST = 1;
export const RTA_OIF = 4;
export const RTA_GATEWAY = 5;
export const RTA_PRIORITY = 6;
export const RTA_PREFSRC = 7;
export const RTA_METRICS = 8;
export const RTA_MULTIPATH = 9;
export const RTA_TABLE = 15;
export const RTA_VIA = 18;

export const RTAX_MTU = 2;
export const RTAX_ADVMSS = 8;

export const RTN_UNICAST = 1;
/** The kernel keeps these for its own addresses: local, broadcast, anycast, multicast. */
const KERNEL_TYPES: ReadonlySet<number> = new Set([2, 3, 4, 5]);
/** A cached exception (path MTU, redirect), not a route that somebody made. */
const RTM_F_CLONED = 0x200;

/** Tables above 255 do not fit the header's byte; RTA_TABLE has the number. */
export const RT_TABLE_UNSPEC = 0;
/** Where routes go that name no table. */
export const RT_TABLE_MAIN = 254;

/** Who made a route: the kernel for itself, or somebody who did not say (what `ip route` gives). */
export const RTPROT_KERNEL = 2;
export const RTPROT_BOOT = 3;

/** A route as the kernel tells of it: by link index. */
export interface RouteRecord extends Omit<RouteFact, 'dev' | 'nexthops'> {
  readonly ifindex?: number;
  readonly nexthops?: readonly NexthopRecord[];
}

interface NexthopRecord extends Omit<NexthopFact, 'dev'> {
  readonly ifindex: number;
}

/** Decodes RTM_NEWROUTE and RTM_DELROUTE; undefined for what {@link listRoutes} leaves out. */
export function decodeRoute(buffer: Buffer, start: number, end: number): RouteRecord | undefined {
  const family = toFamily(buffer.readUInt8(start));
  const type = buffer.readUInt8(start + 7);
  const isCached = (buffer.readUInt32LE(start + 8) & RTM_F_CLONED) !== 0;
  if (family === undefined || KERNEL_TYPES.has(type) || isCached) return undefined;
  let address = family === 4 ? '0.0.0.0' : '::';
  let table = buffer.readUInt8(start + 4);
  let ifindex: number | undefined;
  let via: string | undefined;
  let src: string | undefined;
  let metric: number | undefined;
  let metrics: RouteMetrics = {};
  let nexthops: readonly NexthopRecord[] | undefined;
  forEachAttribute(buffer, start + ROUTE_HEADER_SIZE, end, (attribute, from, to) => {
    if (attribute === RTA_DST) address = decodeIp(buffer.subarray(from, to));
    else if (attribute === RTA_OIF) ifindex = buffer.readUInt32LE(from);
    else if (attribute === RTA_GATEWAY) via = decodeIp(buffer.subarray(from, to));
    // The gateway of another family: u16 family, then its bytes.
    else if (attribute === RTA_VIA) via = decodeIp(buffer.subarray(from + 2, to));
    else if (attribute === RTA_PREFSRC) src = decodeIp(buffer.subarray(from, to));
    else if (attribute === RTA_PRIORITY) metric = buffer.readUInt32LE(from);
    else if (attribute === RTA_TABLE) table = buffer.readUInt32LE(from);
    else if (attribute === RTA_METRICS) metrics = decodeMetrics(buffer, from, to);
    else if (attribute === RTA_MULTIPATH) nexthops = decodeNexthops(buffer, from, to);
  });
  const hasOneWay = type === RTN_UNICAST && ifindex !== undefined;
  return {
    family,
    dst: `${address}/${buffer.readUInt8(start + 1)}`,
    table,
    scope: decodeScope(buffer.readUInt8(start + 6)),
    protocol: buffer.readUInt8(start + 5),
    ...(hasOneWay && ifindex !== undefined ? { ifindex } : {}),
    ...(hasOneWay && via !== undefined ? { via } : {}),
    ...(src === undefined ? {} : { src }),
    ...(metric === undefined ? {} : { metric }),
    ...metrics,
    ...(nexthops === undefined ? {} : { nexthops }),
  };
}

type RouteMetrics = Pick<RouteFact, 'mtu' | 'advmss'>;

function decodeMetrics(buffer: Buffer, start: number, end: number): RouteMetrics {
  let metrics: RouteMetrics = {};
  forEachAttribute(buffer, start, end, (type, from) => {
    if (type === RTAX_MTU) metrics = { ...metrics, mtu: buffer.readUInt32LE(from) };
    else if (type === RTAX_ADVMSS) metrics = { ...metrics, advmss: buffer.readUInt32LE(from) };
  });
  return metrics;
}

/** `struct rtnexthop`: u16 length, u8 flags, u8 weight less one, i32 index; then attributes up to its length. */
const NEXTHOP_HEADER_SIZE = 8;

function decodeNexthops(buffer: Buffer, start: number, end: number): NexthopRecord[] {
  const hops: NexthopRecord[] = [];
  let at = start;
  while (at + NEXTHOP_HEADER_SIZE <= end) {
    const length = buffer.readUInt16LE(at);
    if (length < NEXTHOP_HEADER_SIZE || at + length > end) {
      throw new NetlinkError('read nexthop', 'EBADMSG', `length ${length} with ${end - at} bytes left`);
    }
    let via: string | undefined;
    forEachAttribute(buffer, at + NEXTHOP_HEADER_SIZE, at + length, (type, from, to) => {
      if (type === RTA_GATEWAY) via = decodeIp(buffer.subarray(from, to));
      else if (type === RTA_VIA) via = decodeIp(buffer.subarray(from + 2, to));
    });
    hops.push({
      ifindex: buffer.readInt32LE(at + 4),
      weight: buffer.readUInt8(at + 3) + 1,
      ...(via === undefined ? {} : { via }),
    });
    at += align4(length);
  }
  return hops;
}

/** Ways out of one link, the traffic shared evenly among them: the value of RTA_MULTIPATH. */
export function encodeNexthops(ifindex: number, vias: readonly Attribute[]): Buffer {
  return Buffer.concat(
    vias.map(via => {
      const attributes = encodeAttributes([via]);
      const header = Buffer.alloc(NEXTHOP_HEADER_SIZE);
      header.writeUInt16LE(NEXTHOP_HEADER_SIZE + attributes.length, 0);
      header.writeInt32LE(ifindex, 4);
      return Buffer.concat([header, attributes]);
    }),
  );
}

const ROUTE_HEADER_SIZE = 12;

export interface RouteHeader {
  readonly prefixLength?: number;
  readonly table?: number;
  readonly protocol?: number;
  readonly scope?: number;
  readonly type?: number;
}

/** `struct rtmsg`: u8 family, dst_len, src_len, tos, table, protocol, scope, type, then u32 flags. */
export function encodeRouteHeader(addressFamily: number, fields: RouteHeader): Buffer {
  const header = Buffer.alloc(ROUTE_HEADER_SIZE);
  header.writeUInt8(addressFamily, 0);
  header.writeUInt8(fields.prefixLength ?? 0, 1);
  header.writeUInt8(fields.table ?? RT_TABLE_UNSPEC, 4);
  header.writeUInt8(fields.protocol ?? 0, 5);
  header.writeUInt8(fields.scope ?? 0, 6);
  header.writeUInt8(fields.type ?? 0, 7);
  return header;
}
