import { type Attribute, bytes, forEachAttribute, nested, u32 } from './attribute.ts';
import type { BridgeVlan, LinkFact } from './fact.ts';
import { IFLA_EXT_MASK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK } from './link-message.ts';
import type { RouteSocket } from './route-socket.ts';

const AF_BRIDGE = 7;
const IFLA_AF_SPEC = 26;
const IFLA_BRIDGE_VLAN_INFO = 2;
/** Asks for VLANs, ranges of them as two entries. */
const RTEXT_FILTER_BRVLAN_COMPRESSED = 4;

/** BRIDGE_VLAN_INFO_* of linux/if_bridge.h. */
const PVID = 0x02;
const UNTAGGED = 0x04;
const RANGE_BEGIN = 0x08;
const RANGE_END = 0x10;

/**
 * Gives a bridge's port exactly these VLANs.
 * Same as: `bridge vlan del dev PORT vid N` for each one that is not wanted, `bridge vlan add dev PORT vid N [pvid] [untagged]`
 *
 * On failure some of them may have changed.
 *
 * @throws NetlinkError with code "EOPNOTSUPP" when the kernel or the link knows no VLANs of ports
 */
export function setBridgeVlans(socket: RouteSocket, ifindex: number, wanted: readonly BridgeVlan[]): void {
  const present = listBridgeVlans(socket).get(ifindex) ?? [];
  const unwanted = present.filter(({ id }) => !wanted.some(vlan => vlan.id === id));
  const missing = wanted.filter(vlan => !present.some(other => isSameVlan(vlan, other)));
  if (unwanted.length > 0) send(socket, RTM_DELLINK, ifindex, unwanted, `take VLANs from link ${ifindex}`);
  if (missing.length > 0) send(socket, RTM_SETLINK, ifindex, missing, `give VLANs to link ${ifindex}`);
}

/** The VLANs of all bridge ports, and of the bridges themselves, by link index. Same as: `bridge vlan show` */
export function listBridgeVlans(socket: RouteSocket): ReadonlyMap<number, readonly BridgeVlan[]> {
  const attributes = [u32(IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED)];
  const request = { type: RTM_GETLINK, header: encodeHeader(0), attributes };
  return new Map(socket.dump(request, 'list VLANs of bridge ports', decodePort));
}

/** The links with the VLANs of those that are bridge ports: costs a second look at the kernel, so it is not in every list. */
export function withBridgeVlans(socket: RouteSocket, links: readonly LinkFact[]): LinkFact[] {
  const vlans = listBridgeVlans(socket);
  return links.map(link =>
    link.masterIfindex === undefined ? link : { ...link, vlans: vlans.get(link.ifindex) ?? [] },
  );
}

export function isSameVlan(a: BridgeVlan, b: BridgeVlan): boolean {
  return a.id === b.id && a.isPvid === b.isPvid && a.isUntagged === b.isUntagged;
}

function send(socket: RouteSocket, type: number, ifindex: number, vlans: readonly BridgeVlan[], action: string): void {
  const attributes = [nested(IFLA_AF_SPEC, vlans.map(encodeVlan))];
  socket.request({ type, header: encodeHeader(ifindex), attributes }, action);
}

/** `struct bridge_vlan_info`: u16 flags, u16 number. */
function encodeVlan({ id, isPvid, isUntagged }: BridgeVlan): Attribute {
  const value = Buffer.alloc(4);
  value.writeUInt16LE((isPvid === true ? PVID : 0) | (isUntagged === true ? UNTAGGED : 0), 0);
  value.writeUInt16LE(id, 2);
  return bytes(IFLA_BRIDGE_VLAN_INFO, value);
}

const LINK_HEADER_SIZE = 16;

/** `struct ifinfomsg` of the bridge family. */
function encodeHeader(ifindex: number): Buffer {
  const header = Buffer.alloc(LINK_HEADER_SIZE);
  header.writeUInt8(AF_BRIDGE, 0);
  header.writeInt32LE(ifindex, 4);
  return header;
}

function decodePort(buffer: Buffer, start: number, end: number): [number, BridgeVlan[]] | undefined {
  if (buffer.readUInt8(start) !== AF_BRIDGE) return undefined;
  const vlans: BridgeVlan[] = [];
  forEachAttribute(buffer, start + LINK_HEADER_SIZE, end, (type, from, to) => {
    if (type === IFLA_AF_SPEC) vlans.push(...decodeVlans(buffer, from, to));
  });
  return [buffer.readInt32LE(start + 4), vlans];
}

function decodeVlans(buffer: Buffer, start: number, end: number): BridgeVlan[] {
  const vlans: BridgeVlan[] = [];
  let first = 0;
  forEachAttribute(buffer, start, end, (type, from) => {
    if (type !== IFLA_BRIDGE_VLAN_INFO) return;
    const flags = buffer.readUInt16LE(from);
    const id = buffer.readUInt16LE(from + 2);
    if ((flags & RANGE_BEGIN) !== 0) {
      first = id;
      return;
    }
    const marks = {
      ...((flags & PVID) === 0 ? {} : { isPvid: true as const }),
      ...((flags & UNTAGGED) === 0 ? {} : { isUntagged: true as const }),
    };
    for (let each = (flags & RANGE_END) === 0 ? id : first; each <= id; each++) vlans.push({ id: each, ...marks });
  });
  return vlans;
}
