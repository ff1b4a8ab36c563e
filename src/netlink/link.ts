import { randomInt } from 'node:crypto';
import { createKeyedQueue } from '#base';
import type { NetNamespace } from '#netns';
import { type Attribute, bytes, nested, text, u32 } from './attribute.ts';
import { type BridgePort, encodeBridgePort } from './bridge-port.ts';
import { NetlinkError } from './errors.ts';
import type { LinkFact } from './fact.ts';
import {
  decodeCarrier,
  decodeIfindex,
  decodeLink,
  encodeLinkHeader,
  IFLA_ADDRESS,
  IFLA_EXT_MASK,
  IFLA_GROUP,
  IFLA_IFNAME,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
  RTM_SETLINK,
} from './link-message.ts';
import { encodeMac } from './mac-bytes.ts';
import type { Request } from './message.ts';
import type { Decoder, RouteSocket } from './route-socket.ts';

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
  readonly isPromiscuous?: boolean;
  /** Of a bridge's port, also of the one that it becomes by this change. */
  readonly port?: BridgePort;
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
  return findBy(socket, 0, [text(IFLA_IFNAME, name)], `find link "${name}"`, decodeLink);
}

/** The index of the link that {@link findLink} finds, for who need not know more. */
export function findIfindex(socket: RouteSocket, name: string): number | undefined {
  return findBy(socket, 0, [text(IFLA_IFNAME, name)], `find link "${name}"`, decodeIfindex);
}

/** The link of that index, or undefined. Same as: `ip -d link show`, picked by index */
export function findLinkByIndex(socket: RouteSocket, ifindex: number): LinkFact | undefined {
  return findBy(socket, ifindex, [], `find link ${ifindex}`, decodeLink);
}

/**
 * Whether the link of that index is up and connected to something, or undefined when it has gone.
 * Same as: `ip link show`, `UP` and `LOWER_UP` among the flags
 */
export function hasCarrier(socket: RouteSocket, ifindex: number): boolean | undefined {
  return findBy(socket, ifindex, [], `find link ${ifindex}`, decodeCarrier);
}

/**
 * Changes a link.
 * Same as: `ip link set dev DEV [up|down] [mtu N] [address MAC] [master DEV|nomaster] [name NAME] [promisc on|off]`
 * and `ip link set dev DEV type bridge_slave [hairpin on|off] [isolated on|off]`
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
  const { isUp, isPromiscuous, port } = change;
  const header = encodeLinkHeader({
    ifindex,
    ...(isUp === undefined ? {} : { isUp }),
    ...(isPromiscuous === undefined ? {} : { isPromiscuous }),
  });
  // A port's own settings need a bridge to say them to. It is a request of its own that the kernel takes as NEWLINK only.
  if (Object.keys(change).some(key => key !== 'port'))
    socket.request({ type: RTM_SETLINK, header, attributes }, action);
  if (port === undefined) return;
  const kind = bytes(IFLA_INFO_SLAVE_KIND, Buffer.from('bridge'));
  const info = nested(IFLA_LINKINFO, [kind, nested(IFLA_INFO_SLAVE_DATA, encodeBridgePort(port))]);
  socket.request({ type: RTM_NEWLINK, header: encodeLinkHeader({ ifindex }), attributes: [info] }, action);
}

/**
 * Moves a link into another namespace under a name there. It arrives down, without its addresses and routes.
 * Same as: `ip link set dev DEV netns NS name NAME`
 *
 * @throws NetlinkError with code "EEXIST" when the name is taken there: the link may have moved by then, under its
 *   own name; "EINVAL" for links that are bound to their namespace
 */
export function moveLink(socket: RouteSocket, ifindex: number, ns: NetNamespace, name: string): void {
  const attributes = [u32(IFLA_NET_NS_FD, ns.fd), text(IFLA_IFNAME, name)];
  const header = encodeLinkHeader({ ifindex, isUp: false });
  socket.request({ type: RTM_SETLINK, header, attributes }, `move link ${ifindex} to "${name}" in "${ns.path}"`);
}

/**
 * Deletes a link; of a veth pair, both ends. Resolves once the kernel is done, see {@link deleteLinks}.
 * Same as: `ip link delete dev DEV`
 *
 * @throws NetlinkError with code "ENODEV" when there is no such link, "EOPNOTSUPP" for physical ones
 */
export function deleteLink(socket: RouteSocket, ifindex: number): Promise<void> {
  return deletions.run(`${socket.fd}/${ifindex}`, () =>
    socket.requestAsync([toDelete(ifindex)], `delete link ${ifindex}`),
  );
}

/**
 * Deletes links of a namespace; of veth pairs, both ends. Those that are gone already are passed over. Deleting takes the
 * kernel some 20 ms of waiting for its readers, for several links together as long as for one: they are put into a group
 * of their own first. It waits on a pool thread, and at most two deletions of the whole process are at it at once, so
 * that the pool stays free for others.
 * Same as: `ip link set dev DEV group N` for each, then `ip link delete group N`
 *
 * @throws NetlinkError with code "EOPNOTSUPP" for physical ones; all or nothing then
 */
export function deleteLinks(socket: RouteSocket, ifindexes: readonly number[]): Promise<void> {
  const [first, ...others] = ifindexes;
  if (first === undefined) return Promise.resolve();
  return deletions.run(`${socket.fd}/${first}`, () =>
    socket.requestAsync(
      others.length === 0 ? [toDelete(first)] : toDeleteTogether(ifindexes),
      `delete link ${ifindexes.join(', ')}`,
      ['ENODEV'],
    ),
  );
}

function toDelete(ifindex: number): Request {
  return { type: RTM_DELLINK, header: encodeLinkHeader({ ifindex }), attributes: [] };
}

function toDeleteTogether(ifindexes: readonly number[]): readonly Request[] {
  const attributes = [u32(IFLA_GROUP, randomInt(FIRST_RANDOM_GROUP, GROUP_END))];
  return [
    ...ifindexes.map(ifindex => ({ type: RTM_SETLINK, header: encodeLinkHeader({ ifindex }), attributes })),
    { type: RTM_DELLINK, header: encodeLinkHeader({}), attributes },
  ];
}

/** People number their groups by hand, from 1. */
const FIRST_RANDOM_GROUP = 2 ** 20;
const GROUP_END = 2 ** 31;

// One queue a process: it guards the process's one thread pool.
const deletions = createKeyedQueue(2);

function findBy<T>(
  socket: RouteSocket,
  ifindex: number,
  by: readonly Attribute[],
  action: string,
  decode: Decoder<T>,
): T | undefined {
  const attributes = [...by, u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)];
  try {
    return socket.fetch({ type: RTM_GETLINK, header: encodeLinkHeader({ ifindex }), attributes }, action, decode);
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENODEV') return undefined;
    throw error;
  }
}
