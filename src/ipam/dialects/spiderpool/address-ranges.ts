import type { ObjectProblem } from '#api';
import { wrongField } from '#api';
import {
  contains,
  type Family,
  findIp,
  formatIp,
  formatPrefix,
  type Interval,
  type IntervalSet,
  normalise,
  type Prefix,
} from '#ip';
import { someOf } from './some-of.ts';

/** What a list of addresses and ranges like `10.6.0.10-10.6.0.20` says. */
export interface AddressRanges {
  readonly set: IntervalSet;
  readonly problems: readonly ObjectProblem[];
}

/**
 * Reads such a list; entries that cannot be used are problems and not in the set. Ranges are never written out, so that 5,000
 * entries and a whole /64 cost the same as one each.
 * @param within the network that all must lie in, or the family that all must be of
 */
export function readAddressRanges(
  entries: readonly string[],
  path: ObjectProblem['path'],
  within: Prefix | Family,
): AddressRanges {
  const problems: ObjectProblem[] = [];
  const intervals: Interval[] = [];
  for (const [index, entry] of entries.entries()) {
    const read = readEntry(entry, within);
    if (typeof read === 'string') problems.push(wrongField([...path, index], entry, read));
    else intervals.push(read);
  }
  return { set: normalise(intervals), problems };
}

/** An interval, or what was expected instead. */
function readEntry(entry: string, within: Prefix | Family): Interval | string {
  const family = typeof within === 'number' ? within : within.family;
  const [from = '', to = from, ...rest] = entry.split('-');
  const [first, last] = [findIp(from.trim()), findIp(to.trim())];
  if (first === undefined || last === undefined || rest.length > 0) {
    return family === 4
      ? 'an address like 10.6.0.10 or a range like 10.6.0.10-10.6.0.20'
      : 'an address like fd00::10 or a range like fd00::10-fd00::20';
  }
  if (first.family !== family || last.family !== family) {
    return `IPv${family} addresses, as ${typeof within === 'number' ? 'spec.ipVersion says' : 'spec.subnet is one'}`;
  }
  if (first.value > last.value) return `the lower address first, ${formatIp(last)}-${formatIp(first)}`;
  if (typeof within !== 'number' && !(contains(within, first) && contains(within, last))) {
    return `addresses inside spec.subnet ${formatPrefix(within)}`;
  }
  return { first: first.value, last: last.value };
}

/** As much of such a list as an error shows. */
export function showAddressRanges(set: IntervalSet, family: Family): string {
  return someOf(formatAddressRanges(set, family), ', ');
}

/** The set as such a list: one entry for each interval, in ascending order. */
export function formatAddressRanges(set: IntervalSet, family: Family): readonly string[] {
  return set.map(({ first, last }) => {
    const from = formatIp({ family, value: first });
    return first === last ? from : `${from}-${formatIp({ family, value: last })}`;
  });
}
