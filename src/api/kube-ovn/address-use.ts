/** How a kind names the fields of its status that say which addresses are free and which in use: the kinds differ in it. */
export interface UseSpelling {
  readonly available: string;
  readonly using: string;
  readonly range: string;
}

/** `v4availableIPs`, `v4usingIPrange` */
export const SUBNET_USE = { available: 'available', using: 'using', range: 'range' } as const;

/** `v4AvailableIPs`, `v4UsingIPRange` */
export const IP_POOL_USE = { available: 'Available', using: 'Using', range: 'Range' } as const;

/** Whether addresses are free, or held by somebody. */
export type UseState = 'available' | 'using';

const STATES: readonly UseState[] = ['available', 'using'];
const FAMILIES = [4, 6] as const;

/** Of each family how many addresses are free and in use, a whole number of any size, and which: `10.0.0.1-10.0.0.5,10.0.0.9`. */
export type AddressUse<Spelling extends UseSpelling, Count = number, Range = string> = {
  readonly [Field in `v${4 | 6}${Spelling[UseState]}IPs`]: Count;
} & {
  readonly [Field in `v${4 | 6}${Spelling[UseState]}IP${Spelling['range']}`]: Range;
};

/** The fields of one kind, each with what it is given. */
export function addressUse<const Spelling extends UseSpelling, Count, Range>(
  spelling: Spelling,
  countOf: (family: 4 | 6, state: UseState) => Count,
  rangeOf: (family: 4 | 6, state: UseState) => Range,
): AddressUse<Spelling, Count, Range> {
  const places = FAMILIES.flatMap(family => STATES.map(state => [family, state] as const));
  const fields = [
    ...places.map(([family, state]) => [`v${family}${spelling[state]}IPs`, countOf(family, state)]),
    ...places.map(([family, state]) => [`v${family}${spelling[state]}IP${spelling.range}`, rangeOf(family, state)]),
  ];
  return Object.fromEntries(fields);
}
