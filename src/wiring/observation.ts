import type { WiringItem } from './wiring.ts';

/** What the facts show where an item should be. */
export type Observation =
  | { readonly state: 'missing' }
  | { readonly state: 'equal' }
  /** `actual` says in the item's own terms what is there; absent when it is nothing worth restoring (a cache entry). */
  | { readonly state: 'different'; readonly actual?: WiringItem; readonly wrong: string }
  /** The name belongs to something that cannot be turned into the item. */
  | { readonly state: 'taken'; readonly what: string };

export const missing: Observation = { state: 'missing' };
export const equal: Observation = { state: 'equal' };

/** One field: its name, its actual and its expected value. */
export type FieldPair = readonly [field: string, actual: FieldValue, expected: FieldValue];
type FieldValue = string | number | boolean | undefined;

/** `mtu is 1500, expected 9000, link is down, expected up`; empty when nothing is wrong. */
export function differences(pairs: readonly FieldPair[]): string {
  return pairs
    .filter(([, actual, expected]) => actual !== expected)
    .map(([field, actual, expected]) => `${field} is ${actual ?? 'none'}, expected ${expected ?? 'none'}`)
    .join(', ');
}
