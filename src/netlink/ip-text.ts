import { findIp, ipToBytes, parsePrefix } from '#ip';
import { NetlinkError } from './errors.ts';

/** An address or a prefix as the kernel takes it: 4 or 16 bytes, most significant first. */
export interface PrefixBytes {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
}

/** The bytes of an address. @throws NetlinkError with code "EINVAL" */
export function encodeIp(action: string, address: string): PrefixBytes {
  const ip = findIp(address);
  if (ip === undefined)
    throw new NetlinkError(action, 'EINVAL', `address "${address}": expected an IPv4 or IPv6 address`);
  const bytes = ipToBytes(ip);
  return { family: ip.family, bytes, prefixLength: bytes.length * 8 };
}

/** The bytes of `ADDRESS/LENGTH`, host bits kept; without a length, the whole address. @throws NetlinkError with code "EINVAL" */
export function encodePrefix(action: string, text: string): PrefixBytes {
  if (!text.includes('/')) return encodeIp(action, text);
  try {
    const { family, address, length } = parsePrefix(text);
    return { family, bytes: ipToBytes({ family, value: address }), prefixLength: length };
  } catch (error) {
    throw new NetlinkError(action, 'EINVAL', `prefix "${text}": expected text like 10.0.0.0/8 or fd00::/64`, error);
  }
}

/** The same prefix with its host bits cleared: the kernel refuses routes and rules that have some. */
export function maskHostBits(prefix: PrefixBytes): PrefixBytes {
  const bytes = prefix.bytes.map((byte, index) => byte & ~hostMask(prefix.prefixLength, index));
  return { ...prefix, bytes };
}

/** The last address of a prefix: all host bits set. In IPv4, the broadcast address. */
export function setHostBits(prefix: PrefixBytes): Uint8Array {
  return prefix.bytes.map((byte, index) => byte | hostMask(prefix.prefixLength, index));
}

/** Canonical text: dotted quad, or RFC 5952. Written out here since a dump decodes thousands of them. */
export function decodeIp(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : decodeIpv6(bytes);
}

/** The bits of byte `index` that lie behind the prefix. */
function hostMask(prefixLength: number, index: number): number {
  const networkBits = Math.min(8, Math.max(0, prefixLength - index * 8));
  return 0xff >> networkBits;
}

function decodeIpv6(bytes: Uint8Array): string {
  // IPv4-mapped addresses show the IPv4 address (RFC 5952 section 5).
  const isMapped = bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every(byte => byte === 0);
  if (isMapped) return `::ffff:${bytes.subarray(12).join('.')}`;
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0));
  const zeros = longestZeroRun(groups);
  const hex = groups.map(group => group.toString(16));
  // A single zero group is not shortened (RFC 5952 section 4.2.2).
  if (zeros.length < 2) return hex.join(':');
  return `${hex.slice(0, zeros.start).join(':')}::${hex.slice(zeros.start + zeros.length).join(':')}`;
}

/** The first of the longest runs (RFC 5952 section 4.2.3). */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index - start + 1 > best.length) best = { start, length: index - start + 1 };
  });
  return best;
}
