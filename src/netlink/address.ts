import { bytes, forEachAttribute, u32 } from './attribute.ts';
import type { AddressFact, RouteScope } from './fact.ts';
import { AF_INET6, AF_UNSPEC, decodeScope, encodeScope, toAddressFamily, toFamily } from './family.ts';
import { decodeIp, encodePrefix, type PrefixBytes, setHostBits } from './ip-text.ts';
import { type LinkNames, readLinkNames } from './link-names.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from './message.ts';
import type { RouteSocket } from './route-socket.ts';

export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
const RTM_GETADDR = 22;

const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_BROADCAST = 4;
const IFA_FLAGS = 8;
const IFA_F_NODAD = 0x02;
const IFA_F_OPTIMISTIC = 0x04;
const IFA_F_TENTATIVE = 0x40;

export interface AddressSpec {
  readonly ifindex: number;
  /** `172.18.0.10/16` */
  readonly address: string;
  /** IPv4 only; the kernel derives the scope of an IPv6 address. @default 'universe', for 127.0.0.0/8 'host' */
  readonly scope?: RouteScope;
}

/** An address as the kernel tells of it: by link index. */
export interface AddressRecord {
  readonly ifindex: number;
  readonly address: string;
  readonly scope: RouteScope;
}

/**
 * All IPv4 and IPv6 addresses of the socket's namespace that are in use: without those that the kernel is still
 * probing for duplicates, or has found to be some. It announces none of these either.
 * Same as: `ip address show -tentative`
 *
 * @param names the links' names, if the caller has just read them
 */
export function listAddresses(socket: RouteSocket, names: LinkNames = readLinkNames(socket)): AddressFact[] {
  return listAddressRecords(socket).flatMap(record => toAddressFact(record, names) ?? []);
}

export function listAddressRecords(socket: RouteSocket): AddressRecord[] {
  const header = encodeHeader(AF_UNSPEC, 0, 0, 0);
  return socket.dump({ type: RTM_GETADDR, header, attributes: [] }, 'list addresses', decodeAddress);
}

/**
 * The addresses that {@link listAddresses} leaves out: the link has them, but nobody may use them yet, if ever.
 * Same as: `ip -6 address show tentative`
 */
export function listTentativeAddresses(socket: RouteSocket, names: LinkNames = readLinkNames(socket)): AddressFact[] {
  const header = encodeHeader(AF_INET6, 0, 0, 0);
  const request = { type: RTM_GETADDR, header, attributes: [] };
  const records = socket.dump(request, 'list tentative addresses', (buffer, start, end) =>
    isProbed(buffer, start) ? decodeRecord(buffer, start, end) : undefined,
  );
  return records.flatMap(record => toAddressFact(record, names) ?? []);
}

/** The fact, or undefined when the link has gone since. */
export function toAddressFact(record: AddressRecord, names: LinkNames): AddressFact | undefined {
  const dev = names.get(record.ifindex);
  return dev === undefined ? undefined : { dev, address: record.address, scope: record.scope };
}

/**
 * Adds an address. IPv6 addresses are usable at once: no duplicate address detection.
 * Same as: `ip address add ADDRESS/LEN brd + dev DEV [scope SCOPE] [nodad]`
 *
 * @throws NetlinkError with code "EEXIST" when the link has it, "ENODEV" when there is no such link
 */
export function addAddress(socket: RouteSocket, spec: AddressSpec): void {
  const action = `add address "${spec.address}" to link ${spec.ifindex}`;
  const prefix = encodePrefix(action, spec.address);
  const attributes = encodeAddress(prefix);
  if (prefix.family === 4 && prefix.prefixLength < 31) attributes.push(bytes(IFA_BROADCAST, setHostBits(prefix)));
  if (prefix.family === 6) attributes.push(u32(IFA_FLAGS, IFA_F_NODAD));
  const scope = encodeScope(spec.scope ?? (isIpv4Loopback(prefix) ? 'host' : 'universe'));
  const header = encodeHeader(toAddressFamily(prefix.family), prefix.prefixLength, scope, spec.ifindex);
  socket.request({ type: RTM_NEWADDR, flags: NLM_F_CREATE | NLM_F_EXCL, header, attributes }, action);
}

/**
 * Deletes an address.
 * Same as: `ip address delete ADDRESS/LEN dev DEV`
 *
 * @throws NetlinkError with code "EADDRNOTAVAIL" when the link does not have it
 */
export function deleteAddress(socket: RouteSocket, spec: Pick<AddressSpec, 'ifindex' | 'address'>): void {
  const action = `delete address "${spec.address}" from link ${spec.ifindex}`;
  const prefix = encodePrefix(action, spec.address);
  const header = encodeHeader(toAddressFamily(prefix.family), prefix.prefixLength, 0, spec.ifindex);
  socket.request({ type: RTM_DELADDR, header, attributes: encodeAddress(prefix) }, action);
}

/** Decodes RTM_NEWADDR and RTM_DELADDR. */
export function decodeAddress(buffer: Buffer, start: number, end: number): AddressRecord | undefined {
  return isProbed(buffer, start) ? undefined : decodeRecord(buffer, start, end);
}

function isProbed(buffer: Buffer, start: number): boolean {
  const flags = buffer.readUInt8(start + 2);
  return (flags & IFA_F_TENTATIVE) !== 0 && (flags & IFA_F_OPTIMISTIC) === 0;
}

function decodeRecord(buffer: Buffer, start: number, end: number): AddressRecord | undefined {
  if (toFamily(buffer.readUInt8(start)) === undefined) return undefined;
  let address: string | undefined;
  forEachAttribute(buffer, start + ADDRESS_HEADER_SIZE, end, (type, from, to) => {
    // IFA_ADDRESS is the other end's address on point-to-point links, and the only one that IPv6 sends elsewhere.
    if (type === IFA_LOCAL || (type === IFA_ADDRESS && address === undefined))
      address = decodeIp(buffer.subarray(from, to));
  });
  if (address === undefined) return undefined;
  return {
    ifindex: buffer.readUInt32LE(start + 4),
    address: `${address}/${buffer.readUInt8(start + 1)}`,
    scope: decodeScope(buffer.readUInt8(start + 3)),
  };
}

const ADDRESS_HEADER_SIZE = 8;

/** `struct ifaddrmsg`: u8 family, u8 prefix length, u8 flags, u8 scope, u32 index. */
function encodeHeader(addressFamily: number, prefixLength: number, scope: number, ifindex: number): Buffer {
  const header = Buffer.alloc(ADDRESS_HEADER_SIZE);
  header.writeUInt8(addressFamily, 0);
  header.writeUInt8(prefixLength, 1);
  header.writeUInt8(scope, 3);
  header.writeUInt32LE(ifindex, 4);
  return header;
}

function encodeAddress(prefix: PrefixBytes) {
  return [bytes(IFA_LOCAL, prefix.bytes), bytes(IFA_ADDRESS, prefix.bytes)];
}

function isIpv4Loopback(prefix: PrefixBytes): boolean {
  return prefix.family === 4 && prefix.bytes[0] === 127;
}
