import type { NetNamespace } from '#netns';
import { type Attribute, bytes, encodeAttributes, nested, text, u32 } from './attribute.ts';
import { encodeLinkData, type LinkData } from './link-data.ts';
import {
  encodeLinkHeader,
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  RTM_NEWLINK,
} from './link-message.ts';
import { encodeMac } from './mac-bytes.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from './message.ts';
import type { RouteSocket } from './route-socket.ts';

const VETH_INFO_PEER = 1;

/** What every new link can be given. The kernel chooses MAC and MTU when they are absent. */
export interface LinkSpec {
  readonly name: string;
  /** The kernel chooses one when it is absent. */
  readonly ifindex?: number;
  readonly mac?: string;
  /** Bytes. */
  readonly mtu?: number;
  /** @default false */
  readonly isUp?: boolean;
}

export interface VethSpec extends LinkSpec {
  /** The bridge that this end becomes a port of. */
  readonly masterIfindex?: number;
  readonly peer: VethPeerSpec;
}

/** Is born down: the kernel makes it first and refuses to set it up before it has its other end. */
export interface VethPeerSpec extends Omit<LinkSpec, 'isUp'> {
  /** Where the other end is born; default: the socket's namespace. */
  readonly ns?: NetNamespace;
}

/** A link of a kind of its own; see {@link createVeth} for pairs. */
export interface NewLinkSpec extends LinkSpec {
  readonly data: LinkData;
  /** What it is made upon, for macvlan, ipvlan, vlan: its index in the socket's namespace. */
  readonly parentIfindex?: number;
  /**
   * Where it is born, with an index that is free there and in the socket's namespace: kernels before 6.15 look there for a
   * link of its name, unless they can look for one of its index.
   */
  readonly birthplace?: { readonly ns: NetNamespace; readonly ifindex: number };
}

/**
 * Creates a veth pair, both ends at once, each in its final namespace under its final name.
 * Same as: `ip link add NAME [address MAC] [mtu N] [master DEV] type veth peer name PEER [netns NS] [address MAC] [mtu N]`
 *
 * All or nothing.
 *
 * @throws NetlinkError with code "EEXIST" when either name is taken in its namespace
 */
export function createVeth(socket: RouteSocket, spec: VethSpec): void {
  const { peer } = spec;
  const action = `create veth "${spec.name}" with peer "${peer.name}"`;
  const inNamespace = peer.ns === undefined ? [] : [u32(IFLA_NET_NS_FD, peer.ns.fd)];
  // The one attribute that starts with a family header like a message: the peer is described as a link of its own.
  const peerValue = Buffer.concat([
    encodeLinkHeader(headerOf(peer)),
    encodeAttributes(encodeLink(action, peer, inNamespace)),
  ]);
  const master = spec.masterIfindex === undefined ? [] : [u32(IFLA_MASTER, spec.masterIfindex)];
  const kind = encodeKind('veth', [bytes(VETH_INFO_PEER, peerValue)]);
  create(socket, spec, [...encodeLink(action, spec, master), kind], action);
}

/**
 * Creates a link, in the socket's namespace or in another one than its parent's. It never exists anywhere else, not even
 * for a moment, so that an `eth0` beside the parent is no obstacle to an `eth0` there.
 * Same as: `ip link add [link PARENT] name NAME [index N] [netns NS] [address MAC] [mtu N] type KIND ...`
 *
 * @throws NetlinkError with code "EEXIST" when the name is taken (or the parent has that VLAN already), "ENODEV" when
 *   the parent is gone, "EBUSY" when the parent is in use in a way that excludes it (a bridge's port, macvlan beside
 *   ipvlan) or the index is taken, "EOPNOTSUPP" on a kernel without the kind
 */
export function createLink(socket: RouteSocket, spec: NewLinkSpec): void {
  const { data, parentIfindex, birthplace } = spec;
  const action = `create ${data.kind} "${spec.name}"`;
  const placed: Attribute[] = [];
  if (parentIfindex !== undefined) placed.push(u32(IFLA_LINK, parentIfindex));
  if (birthplace !== undefined) placed.push(u32(IFLA_NET_NS_FD, birthplace.ns.fd));
  const kind = encodeKind(data.kind, encodeLinkData(data));
  create(socket, { ...spec, ...birthplace }, [...encodeLink(action, spec, placed), kind], action);
}

function create(socket: RouteSocket, spec: LinkSpec, attributes: readonly Attribute[], action: string): void {
  const flags = NLM_F_CREATE | NLM_F_EXCL;
  socket.request({ type: RTM_NEWLINK, flags, header: encodeLinkHeader(headerOf(spec)), attributes }, action);
}

function encodeLink(action: string, spec: LinkSpec, more: readonly Attribute[] = []): Attribute[] {
  return [
    ...(spec.mac === undefined ? [] : [bytes(IFLA_ADDRESS, encodeMac(action, spec.mac))]),
    ...(spec.mtu === undefined ? [] : [u32(IFLA_MTU, spec.mtu)]),
    ...more,
    text(IFLA_IFNAME, spec.name),
  ];
}

function encodeKind(kind: string, data: readonly Attribute[]): Attribute {
  const attributes = [bytes(IFLA_INFO_KIND, Buffer.from(kind))];
  if (data.length > 0) attributes.push(nested(IFLA_INFO_DATA, data));
  return nested(IFLA_LINKINFO, attributes);
}

function headerOf({ ifindex, isUp }: LinkSpec): { readonly ifindex?: number; readonly isUp?: boolean } {
  return { ...(ifindex === undefined ? {} : { ifindex }), ...(isUp === undefined ? {} : { isUp }) };
}
