import { contains, findIp, findPrefix, formatIp, formatPrefix, type Interval, type Ip, lastOf, type Prefix } from '#ip';
import { badField } from '../errors.ts';

/** The fields of a Whereabouts object that say which addresses it hands out. */
export interface RangeFields {
  readonly range: string;
  readonly range_start?: string;
  readonly range_end?: string;
  readonly exclude?: readonly string[] | null;
  readonly gateway?: string;
}

/** What those fields mean. */
export interface WhereaboutsRange extends Interval {
  readonly subnet: Prefix;
  /** Inside first and last, but not to be handed out. May overlap and lie anywhere. */
  readonly excluded: readonly Interval[];
  readonly gateway?: Ip;
}

/** Reads the range fields. @throws IpamError BAD_CONFIG naming field, value and what was expected */
export function parseWhereaboutsRange(fields: RangeFields, source: string): WhereaboutsRange {
  const { subnet, start, end } = parseSubnet(fields.range, source);
  const first = endOf('range_start', start, fields, subnet, source);
  const last = endOf('range_end', end, fields, subnet, source);
  const gateway =
    filled(fields.gateway) === undefined ? undefined : insideIp('gateway', fields.gateway ?? '', subnet, source);
  const range = {
    subnet,
    first: first?.value ?? subnet.network + edge(subnet),
    last: last?.value ?? lastOf(subnet) - edge(subnet),
    excluded: [
      ...(fields.exclude ?? []).map((item, index) => parseExclude(item, `exclude[${index}]`, subnet, source)),
      ...reserved(subnet),
      ...(gateway === undefined ? [] : [{ first: gateway.value, last: gateway.value }]),
    ],
    ...(gateway === undefined ? {} : { gateway }),
  };
  if (range.first <= range.last) return range;
  if (start !== undefined) throw badField(source, 'range', fields.range, 'a range whose end is not below its start');
  if (last === undefined)
    throw badField(source, 'range_start', fields.range_start, 'an address before the last one of the range');
  throw badField(
    source,
    'range_end',
    fields.range_end,
    `an address not below the range's first, ${show(range.first, subnet)}`,
  );
}

interface Subnet {
  readonly subnet: Prefix;
  /** Ends that the range's own text sets: `10.0.0.5-10.0.0.9/24`. */
  readonly start?: string;
  readonly end?: string;
}

function parseSubnet(range: string, source: string): Subnet {
  const [, start, end, length] = /^([^-/]+)-([^-/]+)\/(\d+)$/.exec(tolerateZeros(range)) ?? [];
  const subnet = findPrefix(start === undefined ? tolerateZeros(range) : `${start}/${length}`);
  if (subnet === undefined) throw badField(source, 'range', range, 'a range like 10.0.0.0/24 or 10.0.0.5-10.0.0.9/24');
  return start === undefined || end === undefined ? { subnet } : { subnet, start, end };
}

/** One end, from the range's own text or from its field; both must say the same. */
function endOf(
  field: 'range_start' | 'range_end',
  inRange: string | undefined,
  fields: RangeFields,
  subnet: Prefix,
  source: string,
): Ip | undefined {
  const own = filled(fields[field]);
  if (inRange === undefined) return own === undefined ? undefined : insideIp(field, own, subnet, source);
  const ip = findIp(inRange);
  if (ip === undefined || !contains(subnet, ip)) {
    throw badField(source, 'range', fields.range, `both ends inside ${formatPrefix(subnet)}`);
  }
  if (own !== undefined && insideIp(field, own, subnet, source).value !== ip.value) {
    throw badField(source, field, own, `nothing or "${inRange}", as range says`);
  }
  return ip;
}

function insideIp(field: string, text: string, subnet: Prefix, source: string): Ip {
  const ip = findIp(tolerateZeros(text));
  if (ip !== undefined && contains(subnet, ip)) return ip;
  throw badField(source, field, text, `an address inside ${formatPrefix(subnet)}`);
}

/** A prefix or a bare address. One that lies elsewhere takes nothing away: templates share their lists. */
function parseExclude(item: string, field: string, subnet: Prefix, source: string): Interval {
  const ip = findIp(tolerateZeros(item));
  if (ip?.family === subnet.family) return { first: ip.value, last: ip.value };
  const prefix = findPrefix(tolerateZeros(item));
  if (prefix?.family === subnet.family) return { first: prefix.network, last: lastOf(prefix) };
  throw badField(source, field, item, `an IPv${subnet.family} address or prefix, as range is one`);
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

/** Generators write an empty string for "not set". */
function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
