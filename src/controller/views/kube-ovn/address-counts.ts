import { count, type Family, formatIp, type Interval, type IntervalSet } from '#ip';
import { LISTED_BYTES } from '../pace.ts';
import type { HeldAddresses } from './subnet-use.ts';

/** How many addresses of a set are free and in use, and which: both from one look at the claims, so that they agree. */
export interface AddressCounts {
  readonly available: CountedAddresses;
  readonly using: CountedAddresses;
}

export interface CountedAddresses {
  readonly count: number;
  /** `10.0.0.1-10.0.0.5,10.0.0.9`; empty where there are too many ranges to list. */
  readonly range: string;
}

/** Counts of one family. What is held beside `usable`, asked for by name, counts nowhere. */
export function countAddresses(family: Family, usable: IntervalSet, held: HeldAddresses): AddressCounts {
  const [free, inUse] = [createRangeText(family), createRangeText(family)];
  let using = 0n;
  for (const interval of usable) {
    let next = interval.first;
    for (const { first, last } of held.within(interval)) {
      using += last - first + 1n;
      inUse.add({ first, last });
      if (first > next) free.add({ first: next, last: first - 1n });
      next = last + 1n;
    }
    if (next <= interval.last) free.add({ first: next, last: interval.last });
  }
  return {
    available: { count: Number(count(usable) - using), range: free.text() },
    using: { count: Number(using), range: inUse.text() },
  };
}

/** An object has four of them. */
const RANGE_BYTES = LISTED_BYTES / 4;

interface RangeText {
  add(interval: Interval): void;
  text(): string;
}

function createRangeText(family: Family): RangeText {
  let text = '';
  let isTooLong = false;
  return {
    add({ first, last }) {
      if (isTooLong) return;
      const from = formatIp({ family, value: first });
      const range = first === last ? from : `${from}-${formatIp({ family, value: last })}`;
      text = text === '' ? range : `${text},${range}`;
      isTooLong = text.length > RANGE_BYTES;
    },
    text: () => (isTooLong ? '' : text),
  };
}
