import { Address4, Address6 } from 'ip-address';
import { IpError } from './errors.ts';

export type Family = 4 | 6;

/** One IP address as a number: cheap to compare, to count and to step through. */
export interface Ip {
  readonly family: Family;
  readonly value: bigint;
}

/**
 * Reads an address. Strict: four decimal octets without leading zeros, or RFC 4291 text without zone and prefix length.
 * @throws IpError BAD_IP
 */
export function parseIp(text: string): Ip {
  const ip = findIp(text);
  if (ip === undefined) {
    throw new IpError('BAD_IP', `Cannot read IP address "${text}": expected text like 10.0.0.5 or fd00::5`, { text });
  }
  return ip;
}

/** The address that `text` spells, or undefined where {@link parseIp} would throw. */
export function findIp(text: string): Ip | undefined {
  return text.includes(':') ? findIpv6(text) : findIpv4(text);
}

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const IPV6_CHARACTERS = /^[0-9A-Fa-f:.]+$/;

function findIpv4(text: string): Ip | undefined {
  // The library also reads prefix lengths: only its view of the four octets is asked for here.
  if (!IPV4.test(text) || !Address4.isValid(text)) return undefined;
  return { family: 4, value: new Address4(text).bigInt() };
}

function findIpv6(text: string): Ip | undefined {
  if (!IPV6_CHARACTERS.test(text) || !Address6.isValid(text)) return undefined;
  return { family: 6, value: new Address6(text).bigInt() };
}

/** Number of bits of a family's addresses. */
export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** The greatest address of a family. */
export function maxValue(family: Family): bigint {
  return family === 4 ? 0xffff_ffffn : (1n << 128n) - 1n;
}

/** Canonical text: dotted decimal, or RFC 5952, IPv4-mapped addresses with their dotted tail. */
export function formatIp(ip: Ip): string {
  checkValue(ip);
  if (ip.family === 4) return formatIpv4(ip.value);
  // RFC 5952 section 5: the well-known prefix ::ffff:0:0/96 shows the embedded IPv4 address.
  if (ip.value >> 32n === 0xffffn) return `::ffff:${formatIpv4(ip.value & 0xffff_ffffn)}`;
  return Address6.fromBigInt(ip.value).correctForm();
}

/** Text without any shortening: eight groups of four digits for IPv6, dotted decimal for IPv4. */
export function expandIp(ip: Ip): string {
  checkValue(ip);
  if (ip.family === 4) return formatIpv4(ip.value);
  const digits = ip.value.toString(16).padStart(32, '0');
  return (digits.match(/.{4}/g) ?? []).join(':');
}

function formatIpv4(value: bigint): string {
  const bits = Number(value);
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

function checkValue(ip: Ip): void {
  if (ip.value >= 0n && ip.value <= maxValue(ip.family)) return;
  throw new IpError(
    'OUT_OF_RANGE',
    `Cannot use ${ip.value} as an IPv${ip.family} address: expected 0 to ${maxValue(ip.family)}`,
  );
}
