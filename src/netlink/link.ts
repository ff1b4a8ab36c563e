import { createKeyedQueue } from '#base';
import type { LinkFact, MacvlanMode } from '#facts';
import { type Attribute, bytes, forEachAttribute, readText, text, u32 } from './attribute.ts';
import { NetlinkError } from './errors.ts';
import { AF_UNSPEC } from './family.ts';
import { decodeMac, encodeMac } from './mac-bytes.ts';
import { decodeMacvlanMode } from './macvlan-mode.ts';
import type { RouteSocket } from './route-socket.ts';

export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_SETLINK = 19;

export const IFLA_ADDRESS = 1;
export const IFLA_IFNAME = 3;
export const IFLA_MTU = 4;
export const IFLA_LINK = 5;
export const IFLA_MASTER = 10;
export const IFLA_LINKINFO = 18;
const IFLA_IFALIAS = 20;
export const IFLA_NET_NS_FD = 28;
const IFLA_EXT_MASK = 29;
export const IFLA_LINK_NETNSID = 37;
export const IFLA_INFO_KIND = 1;
export const IFLA_INFO_DATA = 2;
export const IFLA_MACVLAN_MODE = 1;

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
/** Leaves the counters out of answers: half their size. */
const RTEXT_FILTER_SKIP_STATS = 8;

/** What can be changed on a link that exists. Absent fields stay as they are. */
export interface LinkChange {
  readonly isUp?: boolean;
  /** Bytes. */
  readonly mtu?: number;
  readonly mac?: string;
  /** The bridge or bond that it becomes a port of; 0 takes it out of one. */
  readonly masterIfindex?: number;
  readonly name?: string;
}

/**
 * All links of the socket's namespace.
 * Same as: `ip -d link show`
 */
export function listLinks(socket: RouteSocket): LinkFact[] {
  const attributes = [u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)];
  return socket.dump({ type: RTM_GETLINK, header: encodeLinkHeader({}), attributes }, 'list links', decodeLink);
}

/**
 * The link of that name (or alternative name), or undefined.
 * Same as: `ip -d link show dev NAME`
 *
 * @throws NetlinkError with code "ERANGE" when the name is over 15 bytes
 */
export function findLink(socket: RouteSocket, name: string): LinkFact | undefined {
  return findBy(socket, 0, [text(IFLA_IFNAME, name)], `find link "${name}"`);
}

/** The link of that index, or undefined. Same as: `ip -d link show`, picked by index */
export function findLinkByIndex(socket: RouteSocket, ifindex: number): LinkFact | undefined {
  return findBy(socket, ifindex, [], `find link ${ifindex}`);
}

/**
 * Changes a link.
 * Same as: `ip link set dev DEV [up|down] [mtu N] [address MAC] [master DEV|nomaster] [name NAME]`
 *
 * The kernel applies the fields one after another: on failure, earlier ones may be in effect.
 *
 * @throws NetlinkError with code "ENODEV" when there is no such link
 */
export function setLink(socket: RouteSocket, ifindex: number, change: LinkChange): void {
  const action = `change link ${ifindex}`;
  const attributes: Attribute[] = [];
  if (change.mac !== undefined) attributes.push(bytes(IFLA_ADDRESS, encodeMac(action, change.mac)));
  if (change.mtu !== undefined) attributes.push(u32(IFLA_MTU, change.mtu));
  if (change.name !== undefined) attributes.push(text(IFLA_IFNAME, change.name));
  if (change.masterIfindex !== undefined) attributes.push(u32(IFLA_MASTER, change.masterIfindex));
  const header = encodeLinkHeader({ ifindex, ...(change.isUp === undefined ? {} : { isUp: change.isUp }) });
  socket.request({ type: RTM_SETLINK, header, attributes }, action);
}

/**
 * Deletes a link; of a veth pair, both ends. Resolves once the kernel is done, which takes some 20 ms of waiting for
 * its readers: it waits on a pool thread, and at most two deletions of the whole process are at it at once, so that
 * the pool stays free for others.
 * Same as: `ip link delete dev DEV`
 *
 * @throws NetlinkError with code "ENODEV" when there is no such link, "EOPNOTSUPP" for physical ones
 */
export function deleteLink(socket: RouteSocket, ifindex: number): Promise<void> {
  const header = encodeLinkHeader({ ifindex });
  return deletions.run(`${socket.fd}/${ifindex}`, () =>
    socket.requestAsync({ type: RTM_DELLINK, header, attributes: [] }, `delete link ${ifindex}`),
  );
}

// One queue a process: it guards the process's one thread pool.
const deletions = createKeyedQueue(2);

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

function findBy(socket: RouteSocket, ifindex: number, by: readonly Attribute[], action: string): LinkFact | undefined {
  const attributes = [...by, u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)];
  try {
    return socket.fetch({ type: RTM_GETLINK, header: encodeLinkHeader({ ifindex }), attributes }, action, decodeLink);
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENODEV') return undefined;
    throw error;
  }
}
