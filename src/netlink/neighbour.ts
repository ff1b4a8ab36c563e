import { bytes, forEachAttribute, u32 } from './attribute.ts';
import type { LinkFact, NeighbourFact } from './fact.ts';
import { AF_UNSPEC, toAddressFamily, toFamily } from './family.ts';
import { decodeIp, encodeIp } from './ip-text.ts';
import { type LinkNames, readLinkNames } from './link-names.ts';
import { decodeMac, encodeMac } from './mac-bytes.ts';
import { NLM_F_CREATE, NLM_F_REPLACE } from './message.ts';
import type { RouteSocket } from './route-socket.ts';

const RTM_NEWNEIGH = 28;
const RTM_DELNEIGH = 29;
const RTM_GETNEIGH = 30;

const NDA_DST = 1;
const NDA_LLADDR = 2;
const NDA_IFINDEX = 8;
/** Multicast and loopback entries that the kernel makes for itself; `ip neigh` hides them, too. */
const NUD_NOARP = 0x40;
const NUD_PERMANENT = 0x80;

export interface NeighbourSpec {
  readonly ifindex: number;
  readonly address: string;
  readonly lladdr: string;
}

/**
 * The IPv4 and IPv6 neighbours of the socket's namespace; one without `lladdr` is being resolved or could not be.
 * Same as: `ip neighbour show`
 *
 * @param names the links' names, if the caller has just read them
 */
export function listNeighbours(socket: RouteSocket, names: LinkNames = readLinkNames(socket)): NeighbourFact[] {
  const header = encodeHeader(AF_UNSPEC, 0, 0);
  return socket.dump({ type: RTM_GETNEIGH, header, attributes: [] }, 'list neighbours', (buffer, start, end) =>
    decodeNeighbour(buffer, start, end, names),
  );
}

/**
 * The neighbours of one link, without reading all others'.
 * Same as: `ip neighbour show dev DEV`
 */
export function listNeighboursOf(socket: RouteSocket, link: Pick<LinkFact, 'ifindex' | 'name'>): NeighbourFact[] {
  const request = {
    type: RTM_GETNEIGH,
    header: encodeHeader(AF_UNSPEC, 0, 0),
    attributes: [u32(NDA_IFINDEX, link.ifindex)],
  };
  const names = new Map([[link.ifindex, link.name]]);
  return socket.dump(request, `list neighbours on link "${link.name}"`, (buffer, start, end) =>
    decodeNeighbour(buffer, start, end, names),
  );
}

/**
 * Sets a permanent neighbour entry, in place of whatever is known of that address.
 * Same as: `ip neighbour replace ADDRESS lladdr MAC dev DEV nud permanent`
 *
 * @throws NetlinkError with code "ENODEV" when there is no such link
 */
export function replaceNeighbour(socket: RouteSocket, spec: NeighbourSpec): void {
  const action = `set neighbour "${spec.address}" on link ${spec.ifindex}`;
  const ip = encodeIp(action, spec.address);
  const attributes = [bytes(NDA_DST, ip.bytes), bytes(NDA_LLADDR, encodeMac(action, spec.lladdr))];
  const header = encodeHeader(toAddressFamily(ip.family), spec.ifindex, NUD_PERMANENT);
  socket.request({ type: RTM_NEWNEIGH, flags: NLM_F_CREATE | NLM_F_REPLACE, header, attributes }, action);
}

/**
 * Deletes a neighbour entry.
 * Same as: `ip neighbour delete ADDRESS dev DEV`
 *
 * @throws NetlinkError with code "ENOENT" when there is none, "ENODEV" when there is no such link
 */
export function deleteNeighbour(socket: RouteSocket, spec: Pick<NeighbourSpec, 'ifindex' | 'address'>): void {
  const action = `delete neighbour "${spec.address}" from link ${spec.ifindex}`;
  const ip = encodeIp(action, spec.address);
  const header = encodeHeader(toAddressFamily(ip.family), spec.ifindex, 0);
  socket.request({ type: RTM_DELNEIGH, header, attributes: [bytes(NDA_DST, ip.bytes)] }, action);
}

const NEIGHBOUR_HEADER_SIZE = 12;

/** `struct ndmsg`: u8 family, 3 pad, i32 ifindex, u16 state, u8 flags, u8 type. */
function encodeHeader(addressFamily: number, ifindex: number, state: number): Buffer {
  const header = Buffer.alloc(NEIGHBOUR_HEADER_SIZE);
  header.writeUInt8(addressFamily, 0);
  header.writeInt32LE(ifindex, 4);
  header.writeUInt16LE(state, 8);
  return header;
}

function decodeNeighbour(buffer: Buffer, start: number, end: number, names: LinkNames): NeighbourFact | undefined {
  const family = toFamily(buffer.readUInt8(start));
  const dev = names.get(buffer.readInt32LE(start + 4));
  const state = buffer.readUInt16LE(start + 8);
  if (family === undefined || dev === undefined || (state & NUD_NOARP) !== 0) return undefined;
  let address: string | undefined;
  let lladdr: string | undefined;
  forEachAttribute(buffer, start + NEIGHBOUR_HEADER_SIZE, end, (type, from, to) => {
    if (type === NDA_DST) address = decodeIp(buffer.subarray(from, to));
    else if (type === NDA_LLADDR) lladdr = decodeMac(buffer.subarray(from, to));
  });
  if (address === undefined) return undefined;
  return {
    family,
    address,
    dev,
    ...(lladdr === undefined ? {} : { lladdr }),
    isPermanent: (state & NUD_PERMANENT) !== 0,
  };
}
