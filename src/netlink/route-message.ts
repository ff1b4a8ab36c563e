import { forEachAttribute } from './attribute.ts';
import type { RouteFact } from './fact.ts';
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
export const RTA_TABLE = 15;
export const RTA_VIA = 18;

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
export interface RouteRecord extends Omit<RouteFact, 'dev'> {
  readonly ifindex?: number;
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
  forEachAttribute(buffer, start + ROUTE_HEADER_SIZE, end, (attribute, from, to) => {
    if (attribute === RTA_DST) address = decodeIp(buffer.subarray(from, to));
    else if (attribute === RTA_OIF) ifindex = buffer.readUInt32LE(from);
    else if (attribute === RTA_GATEWAY) via = decodeIp(buffer.subarray(from, to));
    // The gateway of another family: u16 family, then its bytes.
    else if (attribute === RTA_VIA) via = decodeIp(buffer.subarray(from + 2, to));
    else if (attribute === RTA_PREFSRC) src = decodeIp(buffer.subarray(from, to));
    else if (attribute === RTA_PRIORITY) metric = buffer.readUInt32LE(from);
    else if (attribute === RTA_TABLE) table = buffer.readUInt32LE(from);
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
  };
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
