import {
  contains,
  findIp,
  findPrefix,
  formatIp,
  formatPrefix,
  type Interval,
  type Ip,
  intersect,
  lastOf,
  type Prefix,
} from '#ip';
import { badField, type IpamError } from '../errors.ts';

/** The fields of a Whereabouts object that say which addresses it hands out. */
export interface RangeFields {
  readonly range: string;
  readonly range_start?: string;
  readonly range_end?: string;
  readonly exclude?: readonly string[] | null;
}

/** What those fields mean. */
export interface WhereaboutsRange extends Interval {
  readonly subnet: Prefix;
  /** Inside first and last, but not to be handed out. May overlap. */
  readonly excluded: readonly Interval[];
}

/** Where a range stands: the object that the source names, and the path inside it (`ipRanges[0].`). */
export interface RangePlace {
  readonly source: string;
  readonly path: string;
}

/** Reads the range fields. @throws IpamError BAD_CONFIG naming field, value and what was expected */
export function parseWhereaboutsRange(fields: RangeFields, place: RangePlace): WhereaboutsRange {
  const { subnet, start, end } = parseSubnet(fields.range, place);
  const first = endOf('range_start', start, fields, subnet, place);
  const last = endOf('range_end', end, fields, subnet, place);
  const range = {
    subnet,
    first: first?.value ?? subnet.network + edge(subnet),
    last: last?.value ?? lastOf(subnet) - edge(subnet),
    excluded: [
      ...(fields.exclude ?? []).map((item, index) => parseExclude(item, `exclude[${index}]`, subnet, place)),
      ...reserved(subnet),
    ],
  };
  if (range.first <= range.last) return range;
  if (start !== undefined) throw bad(place, 'range', fields.range, 'a range whose end is not below its start');
  if (last === undefined)
    throw bad(place, 'range_start', fields.range_start, 'an address before the last one of the range');
  throw bad(
    place,
    'range_end',
    fields.range_end,
    `an address not below the range's first, ${show(range.first, subnet)}`,
  );
}

/** The gateway that all ranges share: it must lie in one of them. @throws IpamError BAD_CONFIG */
export function parseWhereaboutsGateway(
  text: string | undefined,
  subnets: readonly Prefix[],
  source: string,
): Ip | undefined {
  const own = filled(text);
  if (own === undefined) return undefined;
  const ip = findIp(tolerateZeros(own));
  if (ip !== undefined && subnets.some(subnet => contains(subnet, ip))) return ip;
  const expected = [...new Set(subnets.map(formatPrefix))].join(' or ');
  throw badField(
    source,
    'gateway',
    own,
    subnets.length === 0 ? 'nothing without a range' : `an address inside ${expected}`,
  );
}

interface Subnet {
  readonly subnet: Prefix;
  /** Ends that the range's own text sets: `10.0.0.5-10.0.0.9/24`. */
  readonly start?: string;
  readonly end?: string;
}

function parseSubnet(range: string, place: RangePlace): Subnet {
  const [, start, end, length] = /^([^-/]+)-([^-/]+)\/(\d+)$/.exec(tolerateZeros(range)) ?? [];
  const subnet = findPrefix(start === undefined ? tolerateZeros(range) : `${start}/${length}`);
  if (subnet === undefined) throw bad(place, 'range', range, 'a range like 10.0.0.0/24 or 10.0.0.5-10.0.0.9/24');
  return start === undefined || end === undefined ? { subnet } : { subnet, start, end };
}

/** One end, from the range's own text or from its field; both must say the same. */
function endOf(
  field: 'range_start' | 'range_end',
  inRange: string | undefined,
  fields: RangeFields,
  subnet: Prefix,
  place: RangePlace,
): Ip | undefined {
  const own = filled(fields[field]);
  if (inRange === undefined) return own === undefined ? undefined : insideIp(field, own, subnet, place);
  const ip = findIp(inRange);
  if (ip === undefined || !contains(subnet, ip)) {
    throw bad(place, 'range', fields.range, `both ends inside ${formatPrefix(subnet)}`);
  }
  if (own !== undefined && insideIp(field, own, subnet, place).value !== ip.value) {
    throw bad(place, field, own, `nothing or "${inRange}", as range says`);
  }
  return ip;
}

function insideIp(field: string, text: string, subnet: Prefix, place: RangePlace): Ip {
  const ip = findIp(tolerateZeros(text));
  if (ip !== undefined && contains(subnet, ip)) return ip;
  throw bad(place, field, text, `an address inside ${formatPrefix(subnet)}`);
}

/** A prefix or a bare address. One of another network is a slip of the pen; one outside start and end does no harm. */
function parseExclude(item: string, field: string, subnet: Prefix, place: RangePlace): Interval {
  const text = tolerateZeros(item);
  const prefix = findPrefix(text.includes('/') ? text : `${text}/${subnet.family === 4 ? 32 : 128}`);
  if (prefix?.family !== subnet.family) {
    throw bad(place, field, item, `an IPv${subnet.family} address or prefix, as range is one`);
  }
  const excluded = { first: prefix.network, last: lastOf(prefix) };
  if (intersect(excluded, { first: subnet.network, last: lastOf(subnet) }) !== undefined) return excluded;
  throw bad(place, field, item, `addresses of ${formatPrefix(subnet)}`);
}

/** Network and broadcast address; in IPv6 the subnet-router anycast address (RFC 4291 section 2.6.1) and the last one. */
function reserved(subnet: Prefix): readonly Interval[] {
  if (edge(subnet) === 0n) return [];
  return [subnet.network, lastOf(subnet)].map(value => ({ first: value, last: value }));
}

/** How many addresses at either end are no host's: none in point-to-point prefixes (RFC 3021, RFC 6164). */
function edge(subnet: Prefix): bigint {
  return subnet.length >= (subnet.family === 4 ? 31 : 127) ? 0n : 1n;
}

function show(value: bigint, { family }: Prefix): string {
  return formatIp({ family, value });
}

/** IPv4 octets may be padded: `192.168.002.010` is decimal here, never octal. */
function tolerateZeros(text: string): string {
  return text.includes(':') ? text : text.replace(/(^|[.-])0+(?=\d)/g, '$1');
}

function bad(place: RangePlace, field: string, value: unknown, expected: string): IpamError {
  return badField(place.source, `${place.path}${field}`, value, expected);
}

/** Generators write an empty string for "not set". */
function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
