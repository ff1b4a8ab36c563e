import { IpError } from './errors.ts';
import { bitsOf, type Family, findIp, formatIp, type Ip, maxValue } from './ip.ts';

/** An address with its prefix length: both the address as written and the network that it lies in. */
export interface Prefix {
  readonly family: Family;
  /** As written: host bits may be set. */
  readonly address: bigint;
  /** First address of the network: host bits zero. */
  readonly network: bigint;
  readonly length: number;
}

/** Reads a network: `10.0.0.0/8`. Host bits are kept in `address` and cleared in `network`. @throws IpError BAD_PREFIX */
export function parsePrefix(text: string): Prefix {
  return parseSlashed(text, 'a prefix like 10.0.0.0/8 or fd00::/64');
}

/** Reads an interface's address with its length: `10.0.0.5/24`. @throws IpError BAD_PREFIX */
export function parseAddress(text: string): Prefix {
  return parseSlashed(text, 'an address with prefix length like 10.0.0.5/24 or fd00::5/64');
}

/** The prefix that `text` spells, or undefined where {@link parsePrefix} would throw. */
export function findPrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const ip = slash < 0 ? undefined : findIp(text.slice(0, slash));
  const lengthText = text.slice(slash + 1);
  if (ip === undefined || !/^(0|[1-9]\d{0,2})$/.test(lengthText) || Number(lengthText) > bitsOf(ip.family))
    return undefined;
  return toPrefix(ip, Number(lengthText));
}

/** The prefix of `length` bits around an address. @throws IpError BAD_PREFIX when the length does not fit the family */
export function toPrefix(ip: Ip, length: number): Prefix {
  if (!Number.isInteger(length) || length < 0 || length > bitsOf(ip.family)) {
    throw new IpError('BAD_PREFIX', `Cannot use prefix length ${length}: expected 0 to ${bitsOf(ip.family)}`);
  }
  const hostBits = BigInt(bitsOf(ip.family) - length);
  return { family: ip.family, address: ip.value, network: (ip.value >> hostBits) << hostBits, length };
}

/** The network as text, host bits zero: `10.0.0.0/8`. */
export function formatPrefix(prefix: Pick<Prefix, 'family' | 'network' | 'length'>): string {
  return `${formatIp({ family: prefix.family, value: prefix.network })}/${prefix.length}`;
}

/** The address with its length as text: `10.0.0.5/24`. */
export function formatAddress(prefix: Pick<Prefix, 'family' | 'address' | 'length'>): string {
  return `${formatIp({ family: prefix.family, value: prefix.address })}/${prefix.length}`;
}

/** Greatest address of the network: IPv4's broadcast address. */
export function lastOf(prefix: Pick<Prefix, 'family' | 'network' | 'length'>): bigint {
  return prefix.network | (maxValue(prefix.family) >> BigInt(prefix.length));
}

/** Whether an address, or the whole of another network, lies inside; never across families. */
export function contains(prefix: Prefix, inner: Ip | Prefix): boolean {
  if (prefix.family !== inner.family) return false;
  if ('length' in inner && inner.length < prefix.length) return false;
  const hostBits = BigInt(bitsOf(prefix.family) - prefix.length);
  const value = 'length' in inner ? inner.network : inner.value;
  return value >> hostBits === prefix.network >> hostBits;
}

function parseSlashed(text: string, expected: string): Prefix {
  const prefix = findPrefix(text);
  if (prefix === undefined) throw new IpError('BAD_PREFIX', `Cannot read "${text}": expected ${expected}`, { text });
  return prefix;
}
