import { messageOf, systemClock } from '#base';
import { SandboxError } from '../errors.ts';
import type { Family } from '../family.ts';

/** One promise of the network, tried on the running cluster. */
export interface Check {
  readonly name: string;
  /** What it goes over; null where it has no family. */
  readonly family: Family | null;
  readonly from: string;
  readonly to: string;
  /** One attempt: resolves with its milliseconds, throws with the reason. */
  readonly attempt: () => Promise<number>;
}

/** A check's outcome, as the table and the JSON line show it. */
export interface CheckRow extends Omit<Check, 'attempt'> {
  readonly ok: boolean;
  readonly ms: number;
  readonly error: string | null;
  /** Why it was not tried at all; such a row is ok, as in TAP. */
  readonly skipped?: string;
}

/** Between two attempts; what a check waits for (a proxy's rules, a neighbour entry) announces itself to nobody. */
const RETRY_MS = 50;

/** Tries a check until it passes or the time is up: rules and endpoints may still be on their way. */
export async function runCheck(check: Check, timeoutMs: number): Promise<CheckRow> {
  const { attempt, ...place } = check;
  const start = performance.now();
  for (;;) {
    try {
      return { ...place, ok: true, ms: await attempt(), error: null };
    } catch (error) {
      const spentMs = Math.round(performance.now() - start);
      if (spentMs >= timeoutMs) return { ...place, ok: false, ms: spentMs, error: messageOf(error) };
      await systemClock.sleep(RETRY_MS);
    }
  }
}

/** The row of a check that this machine cannot run: it counts as passed, and says why. */
export function skippedRow(place: Omit<Check, 'attempt'>, reason: string): CheckRow {
  return { ...place, ok: true, ms: 0, error: null, skipped: reason };
}

/** What a check's attempt throws. */
export function checkFailed(why: string): SandboxError {
  return new SandboxError('CHECK_FAILED', why);
}
