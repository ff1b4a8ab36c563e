import { addressUse, type KubeOvnCondition, type UseSpelling } from '#api';
import type { Family, IntervalSet } from '#ip';
import type { ViewChange } from '../view.ts';
import { countAddresses } from './address-counts.ts';
import { type ConditionText, withConditions } from './conditions.ts';
import type { HeldAddresses } from './subnet-use.ts';

/** What an object's status is to say. */
export interface WantedStatus {
  /** As the object's kind writes it. */
  readonly spelling: UseSpelling;
  /** What may be handed out. */
  usableOf(family: Family): IntervalSet;
  heldOf(family: Family): HeldAddresses;
  readonly conditions: readonly ConditionText[];
}

/** What is missing in a status for it to say how many addresses are free and in use, and whether they can be used. */
export function compareStatus(
  status: { readonly conditions?: readonly KubeOvnCondition[] } = {},
  { spelling, usableOf, heldOf, conditions: texts }: WantedStatus,
  now: string,
): ViewChange<never> {
  const counts = {
    4: countAddresses(4, usableOf(4), heldOf(4)),
    6: countAddresses(6, usableOf(6), heldOf(6)),
  };
  const wanted = addressUse(
    spelling,
    (family, state) => counts[family][state].count,
    // An empty text goes: null is what a merge patch has for it.
    (family, state) => counts[family][state].range || null,
  );
  const conditions = withConditions(status.conditions ?? [], texts, now);
  if (saysAll(status, wanted) && conditions === undefined) return { kind: 'none' };
  const body = { status: { ...wanted, ...(conditions === undefined ? {} : { conditions }) } };
  return { kind: 'patch', subresource: 'status', body };
}

/** Whether a status has these values, null being for none. */
function saysAll(status: object, wanted: Readonly<Record<string, number | string | null>>): boolean {
  const known = new Map(Object.entries(status));
  return Object.entries(wanted).every(([key, value]) => (known.get(key) ?? null) === value);
}
