/** IP addresses, prefixes, ranges and sets of addresses as plain numbers. Pure. */
export type { IpErrorCode } from './errors.ts';
export { IpError } from './errors.ts';
export type { GrowingSet } from './growing-set.ts';
export { createGrowingSet } from './growing-set.ts';
export type { IntervalSet, RankIndex } from './interval-set.ts';
export { at, count, has, indexByRank, intersection, normalise, subtract } from './interval-set.ts';
export type { Family, Ip } from './ip.ts';
export { bitsOf, expandIp, findIp, formatIp, maxValue, parseIp } from './ip.ts';
export { ipToBytes } from './ip-bytes.ts';
export { MAC_EXPECTED, readMac } from './mac-address.ts';
export type { Prefix } from './prefix.ts';
export {
  contains,
  findPrefix,
  formatAddress,
  formatPrefix,
  lastOf,
  parseAddress,
  parsePrefix,
  toPrefix,
} from './prefix.ts';
export type { Interval, Range } from './range.ts';
export { formatRange, intersect, rangeBetween, rangeOf } from './range.ts';
