import { ifnameProblem } from '#cni';
import { findIp, formatAddress, formatIp, IpError, MAC_EXPECTED, parseAddress, readMac } from '#ip';
import type { AnnotationPlace } from './annotation-place.ts';
import { annotationError } from './annotation-place.ts';

/** Every namespace has it already. */
const LOOPBACK = 'lo';
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const MAX_LABEL = 63;
const MAX_OBJECT_NAME = 253;

/** A DNS label, which is what namespaces are, and networks in the short form. */
export function parseLabel(place: AnnotationPlace, field: string, value: unknown): string {
  if (typeof value === 'string' && LABEL.test(value) && value.length <= MAX_LABEL) return value;
  throw annotationError(
    place,
    field,
    value,
    `up to ${MAX_LABEL} lower-case letters, digits and "-", with a letter or digit at both ends`,
  );
}

/** An object's name: DNS labels joined by dots. */
export function parseObjectName(place: AnnotationPlace, field: string, value: unknown): string {
  const isName =
    typeof value === 'string' && value.length <= MAX_OBJECT_NAME && value.split('.').every(part => LABEL.test(part));
  if (isName) return value;
  throw annotationError(place, field, value, 'the name of a NetworkAttachmentDefinition');
}

/** A name that the kernel takes for an interface, and not `lo`. */
export function parseInterfaceName(place: AnnotationPlace, field: string, value: unknown): string {
  if (typeof value !== 'string') throw annotationError(place, field, value, 'an interface name as text');
  const problem = ifnameProblem(value);
  if (problem === undefined && value !== LOOPBACK) return value;
  const why = problem === undefined ? 'that is the loopback interface' : problem;
  throw annotationError(place, field, value, `1 to 15 bytes without "/", ":" and blanks (${why})`);
}

/** Addresses in canonical text; each with or without a prefix length, as it came. */
export function parseIps(place: AnnotationPlace, field: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw annotationError(place, field, value, 'a list of addresses');
  return value.map((item: unknown, index) => parseRequestedIp(place, `${field}[${index}]`, item));
}

function parseRequestedIp(place: AnnotationPlace, field: string, value: unknown): string {
  if (typeof value === 'string') {
    const canonical = canonicalIp(value.trim());
    if (canonical !== undefined) return canonical;
  }
  throw annotationError(place, field, value, 'an address such as "10.1.2.3", "10.1.2.3/24" or "fd00::3/64"');
}

function canonicalIp(text: string): string | undefined {
  if (!text.includes('/')) {
    const ip = findIp(text);
    return ip === undefined ? undefined : formatIp(ip);
  }
  try {
    return formatAddress(parseAddress(text));
  } catch (error) {
    if (error instanceof IpError) return undefined;
    throw error;
  }
}

/** Six bytes as lower-case hex with colons. */
export function parseMac(place: AnnotationPlace, field: string, value: unknown): string {
  const mac = typeof value === 'string' ? readMac(value) : undefined;
  if (mac === undefined) throw annotationError(place, field, value, MAC_EXPECTED);
  return mac;
}

/** Eight bytes as lower-case hex with colons. */
export function parseGuid(place: AnnotationPlace, field: string, value: unknown): string {
  const guid = typeof value === 'string' ? value.trim().toLowerCase().replaceAll('-', ':') : '';
  if (/^[0-9a-f]{2}(:[0-9a-f]{2}){7}$/.test(guid)) return guid;
  throw annotationError(place, field, value, 'eight bytes in hex such as "c2:11:22:33:44:55:66:77"');
}

/** Plain text that goes into a device's or file's name: no slash, no control characters. */
export function parseText(place: AnnotationPlace, field: string, value: unknown): string {
  if (typeof value === 'string' && /^[\w.:@-]{1,253}$/.test(value)) return value;
  throw annotationError(place, field, value, 'a device\'s name such as "0000:03:02.1"');
}

/** Next hops in canonical text. */
export function parseGateways(place: AnnotationPlace, field: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw annotationError(place, field, value, 'a list of gateways');
  return value.map((item: unknown, index) => {
    const ip = typeof item === 'string' ? findIp(item.trim()) : undefined;
    if (ip !== undefined) return formatIp(ip);
    throw annotationError(place, `${field}[${index}]`, item, 'an address without prefix length such as "10.1.2.1"');
  });
}
