import type { IPAllocation } from '#api';
import { count, type Family, findPrefix, formatIp, type IntervalSet, intersection, normalise, subtract } from '#ip';
import { LISTED_BYTES } from '../pace.ts';

/** How many addresses of a set are free and in use, and which: both from one look at the claims, so that they agree. */
export interface AddressCounts {
  readonly available: number;
  readonly using: number;
  /** `10.0.0.1-10.0.0.5,10.0.0.9`; empty where there are too many ranges to list. */
  readonly availableRange: string;
  readonly usingRange: string;
}

/** Whether a status has these values, null being for none. */
export function saysAll(status: object, wanted: Readonly<Record<string, number | string | null>>): boolean {
  const known = new Map(Object.entries(status));
  return Object.entries(wanted).every(([key, value]) => (known.get(key) ?? null) === value);
}

/** Text of a status as a merge patch has it: an empty one goes. */
export function textOrNull(text: string): string | null {
  return text === '' ? null : text;
}

/** Counts of one family. What is in use beside `usable`, asked for by name, counts nowhere. */
export function countAddresses(family: Family, usable: IntervalSet, claims: readonly IPAllocation[]): AddressCounts {
  const used = claims.flatMap(({ spec }) => {
    const ip = findPrefix(spec.address);
    return ip?.family === family ? [{ first: ip.address, last: ip.address }] : [];
  });
  const using = intersection(usable, normalise(used));
  const available = subtract(usable, using);
  return {
    available: Number(count(available)),
    using: Number(count(using)),
    availableRange: formatRanges(family, available),
    usingRange: formatRanges(family, using),
  };
}

function formatRanges(family: Family, set: IntervalSet): string {
  let text = '';
  for (const { first, last } of set) {
    const from = formatIp({ family, value: first });
    const range = first === last ? from : `${from}-${formatIp({ family, value: last })}`;
    text = text === '' ? range : `${text},${range}`;
    if (text.length > RANGE_BYTES) return '';
  }
  return text;
}

/** An object has four of them. */
const RANGE_BYTES = LISTED_BYTES / 4;
