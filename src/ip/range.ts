import { IpError } from './errors.ts';
import { type Family, formatIp, type Ip } from './ip.ts';
import { lastOf, type Prefix } from './prefix.ts';

/** Consecutive addresses, both ends included. */
export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

/** An interval of one family. */
export interface Range extends Interval {
  readonly family: Family;
}

/** The range between two addresses. @throws IpError BAD_RANGE for two families or the wrong order */
export function rangeBetween(first: Ip, last: Ip): Range {
  if (first.family !== last.family || first.value > last.value) {
    throw new IpError(
      'BAD_RANGE',
      `Cannot use range "${formatIp(first)}-${formatIp(last)}": expected two addresses of one family, the lower one first`,
    );
  }
  return { family: first.family, first: first.value, last: last.value };
}

/** Every address of a network, its first and last included. */
export function rangeOf(prefix: Prefix): Range {
  return { family: prefix.family, first: prefix.network, last: lastOf(prefix) };
}

/** The range as text: `10.0.0.5-10.0.0.9`. */
export function formatRange(range: Range): string {
  const { family } = range;
  return `${formatIp({ family, value: range.first })}-${formatIp({ family, value: range.last })}`;
}

/** What two ranges have in common; undefined when nothing. */
export function intersect<T extends Interval>(a: T, b: Interval): T | undefined {
  let { first, last } = a;
  if (b.first > first) first = b.first;
  if (b.last < last) last = b.last;
  return first > last ? undefined : { ...a, first, last };
}
