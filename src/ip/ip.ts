import { isIP } from 'node:net';
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
  switch (isIP(text)) {
    case 4:
      return { family: 4, value: BigInt(numberOf(text)) };
    case 6:
      // Node takes a zone for part of the address.
      return text.includes('%') ? undefined : { family: 6, value: bigIntOf(text) };
    default:
      return undefined;
  }
}

/** Of an IPv4 address that is one. */
function numberOf(text: string): number {
  return text.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
}

/** Of an IPv6 address that is one. */
function bigIntOf(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const before = groupsOf(head);
  if (tail === undefined) return join(before);
  const after = groupsOf(tail);
  return (join(before) << BigInt(16 * (8 - before.length))) | join(after);
}

/** The 16-bit numbers between colons; an IPv4 address at the end is two. */
function groupsOf(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap(group => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const number = numberOf(group);
    return [Math.floor(number / 65536), number % 65536];
  });
}

function join(groups: readonly number[]): bigint {
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
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
  return formatIpv6(ip.value);
}

/** RFC 5952 section 4.2: the longest run of at least two zero groups is left out, the first of several. */
function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn));
  const text = groups.map(group => group.toString(16)).join(':');
  let longest = '';
  let start = 0;
  for (const { 0: run, index } of text.matchAll(/\b0(:0)+\b/g)) {
    if (run.length > longest.length) [longest, start] = [run, index];
  }
  if (longest === '') return text;
  return `${text.slice(0, start).replace(/:$/, '')}::${text.slice(start + longest.length).replace(/^:/, '')}`;
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
