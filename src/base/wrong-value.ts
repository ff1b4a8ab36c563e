/** What cannot be used, and why. */
export interface WrongValue {
  /** What could not be done, with the object: `use plugin "vlan"`. */
  readonly doing: string;
  /** Where in it: `ipRanges[0].range`. */
  readonly field: string;
  readonly value: unknown;
  /** What would have been right: `a whole number from 0 to 4094`. */
  readonly expected: string;
}

/**
 * The sentence for a wrong value, of the one form that all rooms use:
 * `Cannot use plugin "vlan": vlanId is 5000, expected a whole number from 0 to 4094`
 */
export function describeWrongValue({ doing, field, value, expected }: WrongValue): string {
  return `Cannot ${doing}: ${field} is ${showValue(value)}, expected ${expected}`;
}

/** Longest value that is printed whole: an error is one line in an Event, and annotations run to 256 KiB. */
const VALUE_LIMIT = 80;

/** What turns a reader's text around, or hides in it: JSON leaves these as they are. */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu;

/** A value as it stands in an error sentence: JSON, cut where it gets long; "missing" where there is none. */
export function showValue(value: unknown): string {
  const text = value === undefined ? 'missing' : (JSON.stringify(value, cutBelow(VALUE_LIMIT)) ?? typeof value);
  const shown = text.length <= VALUE_LIMIT ? text : `${text.slice(0, VALUE_LIMIT)}...`;
  return shown.replace(INVISIBLE, character => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** What is nested deeper is left out: a stranger's value may be deeper than our stack. Each level takes a character at least. */
function cutBelow(limit: number): (this: unknown, key: string, member: unknown) => unknown {
  const depths = new Map<unknown, number>();
  return function (_key, member) {
    if (typeof member !== 'object' || member === null) return member;
    const depth = (depths.get(this) ?? 0) + 1;
    depths.set(member, depth);
    return depth > limit ? null : member;
  };
}
