import { type Attribute, bytes, nested, u32 } from './attribute.ts';
import type { RouteFact, RouteScope } from './fact.ts';
import { AF_UNSPEC, encodeScope, RT_SCOPE_NOWHERE, toAddressFamily } from './family.ts';
import { encodeIp, encodePrefix, maskHostBits } from './ip-text.ts';
import { type LinkNames, readLinkNames } from './link-names.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from './message.ts';
import {
  decodeRoute,
  encodeNexthops,
  encodeRouteHeader,
  type RouteRecord,
  RT_TABLE_MAIN,
  RT_TABLE_UNSPEC,
  RTA_DST,
  RTA_GATEWAY,
  RTA_METRICS,
  RTA_MULTIPATH,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_TABLE,
  RTA_VIA,
  RTAX_ADVMSS,
  RTAX_MTU,
  RTM_DELROUTE,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTN_UNICAST,
  RTPROT_BOOT,
} from './route-message.ts';
import type { RouteSocket } from './route-socket.ts';

export interface RouteSpec {
  readonly ifindex: number;
  /** `0.0.0.0/0` is the default route. Bits behind the prefix length are ignored. */
  readonly dst: string;
  /** An IPv6 gateway of an IPv4 route is fine. */
  readonly via?: string;
  /** Further gateways on the link, with which `via` shares the traffic evenly. */
  readonly moreVias?: readonly string[];
  readonly src?: string;
  /** @default 254, main */
  readonly table?: number;
  /** IPv4 only. @default 'link' without `via`, else 'universe' */
  readonly scope?: RouteScope;
  readonly metric?: number;
  /** Bytes. */
  readonly mtu?: number;
  /** Bytes. */
  readonly advmss?: number;
  /** RTPROT_*. @default 3, boot, as `ip route add` does */
  readonly protocol?: number;
}

/**
 * The routes of all tables of the socket's namespace, IPv4 and IPv6, without those that the kernel keeps for its own
 * addresses (local, broadcast, anycast, multicast). A route without exactly one way out (blackhole, unreachable,
 * multipath) has neither `dev` nor `via`; a multipath one has `nexthops`.
 * Same as: `ip route show table all` and `ip -6 route show table all`
 *
 * @param names the links' names, if the caller has just read them
 */
export function listRoutes(socket: RouteSocket, names: LinkNames = readLinkNames(socket)): RouteFact[] {
  return listRouteRecords(socket).flatMap(record => toRouteFact(record, names) ?? []);
}

export function listRouteRecords(socket: RouteSocket): RouteRecord[] {
  const header = encodeRouteHeader(AF_UNSPEC, {});
  return socket.dump({ type: RTM_GETROUTE, header, attributes: [] }, 'list routes', decodeRoute);
}

/** The fact, or undefined when the link has gone since. */
export function toRouteFact(record: RouteRecord, names: LinkNames): RouteFact | undefined {
  const { ifindex, nexthops, ...rest } = record;
  if (nexthops !== undefined) {
    const named = nexthops.flatMap(({ ifindex: hop, ...way }) => {
      const dev = names.get(hop);
      return dev === undefined ? [] : [{ dev, ...way }];
    });
    return named.length === nexthops.length ? { ...rest, nexthops: named } : undefined;
  }
  if (ifindex === undefined) return rest;
  const dev = names.get(ifindex);
  return dev === undefined ? undefined : { ...rest, dev };
}

/**
 * Adds a route; with `replace`, in place of the one with the same destination, table and metric, if there is one.
 * Same as: `ip route add|replace DST [via GW] dev DEV [nexthop via GW2 dev DEV ...] [src SRC] [table T] [scope S] [metric N] [proto P] [mtu N] [advmss N]`
 *
 * @throws NetlinkError with code "EEXIST" when there is one and neither `replace` nor `beside` is set, "ENETUNREACH" when the gateway
 *   is not on the link, "ENETDOWN" when the link is down, "EINVAL" when `src` is not an own address
 */
export function addRoute(socket: RouteSocket, spec: RouteSpec, options: RouteOptions = {}): void {
  const action = `add route ${describe(spec)}`;
  const flags = NLM_F_CREATE | placeFlag(options);
  const scope = encodeScope(spec.scope ?? (spec.via === undefined ? 'link' : 'universe'));
  const { family, header, attributes } = encodeRoute(action, spec, { scope, protocol: spec.protocol ?? RTPROT_BOOT });
  // IPv6 has no scopes and refuses none: sent as the kernel will show it.
  if (family === 6) header.writeUInt8(0, 6);
  socket.request({ type: RTM_NEWROUTE, flags, header, attributes }, action);
}

/**
 * Deletes the route with this destination, table, link and, where given, gateway, source, metric, scope and protocol.
 * Same as: `ip route delete DST [via GW] dev DEV [src SRC] [table T] [scope S] [metric N] [proto P]`
 *
 * @throws NetlinkError with code "ESRCH" when there is none
 */
export function deleteRoute(socket: RouteSocket, spec: RouteSpec): void {
  const action = `delete route ${describe(spec)}`;
  // RT_SCOPE_NOWHERE and protocol 0 match any.
  const scope = spec.scope === undefined ? RT_SCOPE_NOWHERE : encodeScope(spec.scope);
  const { header, attributes } = encodeRoute(action, spec, { scope, protocol: spec.protocol ?? 0 });
  socket.request({ type: RTM_DELROUTE, header, attributes }, action);
}

/** Where the new route goes when there is one with the same destination, table and metric; without either, it is refused. */
export interface RouteOptions {
  /** In its place. */
  readonly replace?: boolean;
  /** Before it; in IPv6 with it, as one of several ways out. */
  readonly beside?: boolean;
}

function placeFlag({ replace, beside }: RouteOptions): number {
  if (replace === true) return NLM_F_REPLACE;
  return beside === true ? 0 : NLM_F_EXCL;
}

function encodeRoute(action: string, spec: RouteSpec, fields: { readonly scope: number; readonly protocol: number }) {
  const dst = maskHostBits(encodePrefix(action, spec.dst));
  const table = spec.table ?? RT_TABLE_MAIN;
  const attributes: Attribute[] = [bytes(RTA_DST, dst.bytes)];
  attributes.push(...encodeGateways(action, spec, dst.family));
  if (spec.src !== undefined) attributes.push(bytes(RTA_PREFSRC, encodeIp(action, spec.src).bytes));
  if (table > 255) attributes.push(u32(RTA_TABLE, table));
  if (spec.metric !== undefined) attributes.push(u32(RTA_PRIORITY, spec.metric));
  const metrics = encodeMetrics(spec);
  if (metrics.length > 0) attributes.push(nested(RTA_METRICS, metrics));
  // A route with several gateways names the link beside each.
  if (!hasMoreVias(spec)) attributes.push(u32(RTA_OIF, spec.ifindex));
  const { prefixLength } = dst;
  const header = encodeRouteHeader(toAddressFamily(dst.family), {
    ...fields,
    prefixLength,
    table: table > 255 ? RT_TABLE_UNSPEC : table,
    type: RTN_UNICAST,
  });
  return { family: dst.family, header, attributes };
}

function encodeGateways(action: string, spec: RouteSpec, family: 4 | 6): Attribute[] {
  const { ifindex, via, moreVias = [] } = spec;
  if (via === undefined) return [];
  if (!hasMoreVias(spec)) return [encodeVia(action, via, family)];
  const vias = [via, ...moreVias].map(gateway => encodeVia(action, gateway, family));
  return [bytes(RTA_MULTIPATH, encodeNexthops(ifindex, vias))];
}

function hasMoreVias({ via, moreVias = [] }: RouteSpec): boolean {
  return via !== undefined && moreVias.length > 0;
}

function encodeMetrics({ mtu, advmss }: RouteSpec): Attribute[] {
  return [
    ...(mtu === undefined ? [] : [u32(RTAX_MTU, mtu)]),
    ...(advmss === undefined ? [] : [u32(RTAX_ADVMSS, advmss)]),
  ];
}

function encodeVia(action: string, via: string, family: 4 | 6): Attribute {
  const gateway = encodeIp(action, via);
  if (gateway.family === family) return bytes(RTA_GATEWAY, gateway.bytes);
  const value = Buffer.alloc(2 + gateway.bytes.length);
  value.writeUInt16LE(toAddressFamily(gateway.family), 0);
  value.set(gateway.bytes, 2);
  return bytes(RTA_VIA, value);
}

function describe(spec: RouteSpec): string {
  const via = spec.via === undefined ? '' : ` via ${[spec.via, ...(spec.moreVias ?? [])].join(' and ')}`;
  const table = spec.table === undefined || spec.table === RT_TABLE_MAIN ? '' : ` table ${spec.table}`;
  return `"${spec.dst}${via} dev #${spec.ifindex}${table}"`;
}
