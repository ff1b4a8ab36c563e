import {
  contains,
  findIp,
  findPrefix,
  formatPrefix,
  formatRange,
  type Ip,
  intersect,
  lastOf,
  type Prefix,
  type Range,
} from '#ip';
import { badField } from '../errors.ts';

/** Ranges of one family, of which a request gets one address. */
export type HostLocalSet = readonly HostLocalRange[];

export interface HostLocalRange extends Range {
  readonly subnet: Prefix;
  readonly gateway: Ip;
}

/** One range as users write it. */
export interface HostLocalFields {
  readonly subnet: string;
  readonly rangeStart?: string;
  readonly rangeEnd?: string;
  readonly gateway?: string;
}

/** Reads a range: the gateway is the subnet's first host unless given. @throws IpamError BAD_CONFIG */
export function parseHostLocalRange(fields: HostLocalFields, path: string, source: string): HostLocalRange {
  const subnet = findPrefix(fields.subnet);
  if (subnet === undefined) throw badField(source, `${path}subnet`, fields.subnet, 'a prefix like 10.0.0.0/24');
  if (subnet.address !== subnet.network) {
    throw badField(source, `${path}subnet`, fields.subnet, `a prefix without host bits: "${formatPrefix(subnet)}"`);
  }
  const { family } = subnet;
  const longest = family === 4 ? 30 : 126;
  if (subnet.length > longest) {
    throw badField(
      source,
      `${path}subnet`,
      fields.subnet,
      `a prefix of at most ${longest} bits, to have room for hosts`,
    );
  }
  const start = endOf('rangeStart', fields, subnet, path, source) ?? subnet.network + 1n;
  // IPv6 has no broadcast address: its last one is a host's.
  const end = endOf('rangeEnd', fields, subnet, path, source) ?? lastOf(subnet) - (family === 4 ? 1n : 0n);
  if (start > end)
    throw badField(source, `${path}rangeEnd`, fields.rangeEnd ?? fields.subnet, 'an end that is not below rangeStart');
  return { family, first: start, last: end, subnet, gateway: gatewayOf(fields, subnet, path, source) };
}

/** Checks that a set keeps to one family and that no two ranges of all sets overlap. @throws IpamError BAD_CONFIG */
export function checkSets(sets: readonly HostLocalSet[], source: string): void {
  const all = sets.flatMap((set, index) => set.map(range => ({ range, index })));
  for (const [position, { range, index }] of all.entries()) {
    for (const other of all.slice(position + 1)) {
      if (other.range.family !== range.family) {
        if (other.index !== index) continue;
        throw badField(
          source,
          `ranges[${index}]`,
          formatRange(other.range),
          `IPv${range.family}, as the set's first range is`,
        );
      }
      if (intersect(range, other.range) === undefined) continue;
      throw badField(
        source,
        `ranges[${other.index}]`,
        formatRange(other.range),
        `a range that does not overlap ${formatRange(range)}`,
      );
    }
  }
}

function endOf(
  field: 'rangeStart' | 'rangeEnd',
  fields: HostLocalFields,
  subnet: Prefix,
  path: string,
  source: string,
): bigint | undefined {
  const text = fields[field];
  if (text === undefined || text === '') return undefined;
  const ip = findIp(text);
  if (ip !== undefined && contains(subnet, ip)) return ip.value;
  throw badField(source, `${path}${field}`, text, `an address inside ${formatPrefix(subnet)}`);
}

/** May lie outside the subnet: some networks route that way on purpose. */
function gatewayOf(fields: HostLocalFields, subnet: Prefix, path: string, source: string): Ip {
  const text = fields.gateway;
  if (text === undefined || text === '') return { family: subnet.family, value: subnet.network + 1n };
  const ip = findIp(text);
  if (ip?.family === subnet.family) return ip;
  throw badField(source, `${path}gateway`, text, `an IPv${subnet.family} address, as the subnet is one`);
}
