import { type IntervalSet, lastOf, type Prefix } from '#ip';

/** A network's own address and IPv4's broadcast address are no host's, except in point-to-point networks (RFC 3021, RFC 6164). */
export function unusableOf(subnet: Prefix): IntervalSet {
  if (subnet.length >= (subnet.family === 4 ? 31 : 127)) return [];
  const values = subnet.family === 4 ? [subnet.network, lastOf(subnet)] : [subnet.network];
  return values.map(value => ({ first: value, last: value }));
}
