import type { Ring, RingOutcome, TestOutcome } from './ring.ts';

/** What a ring's outcome means for the whole run. */
export interface RingReport {
  readonly ring: Pick<Ring, 'id' | 'name'>;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  readonly failures: readonly TestOutcome[];
  readonly skips: readonly TestOutcome[];
  /** Sentences about the ring as a whole: why it did not run, what is wrong with its number of skips. */
  readonly remarks: readonly string[];
}

export interface JudgeInput {
  readonly ring: Pick<Ring, 'id' | 'name'>;
  readonly outcome: RingOutcome;
  readonly isRequired: boolean;
  /** Most skips that this ring may have; undefined where that is not to be judged. */
  readonly pinnedSkips: number | undefined;
  readonly seconds: number;
}

/**
 * Counts a ring. A ring that cannot run counts as one skipped test, or as one failed test when it is required.
 * More skips than pinned count as one failed test, so that coverage never shrinks unseen.
 */
export function judgeRing({ ring, outcome, isRequired, pinnedSkips, seconds }: JudgeInput): RingReport {
  if (outcome.kind === 'unable') {
    const remark = `Cannot run ring ${ring.id} ${ring.name}: ${outcome.reason}${isRequired ? ' (required here)' : ''}`;
    const counts = isRequired ? { failed: 1, skipped: 0 } : { failed: 0, skipped: 1 };
    return { ring, passed: 0, ...counts, seconds, failures: [], skips: [], remarks: [remark] };
  }
  const failures = outcome.tests.filter(test => test.status === 'failed');
  const skips = outcome.tests.filter(test => test.status === 'skipped');
  const pin = judgeSkips(skips.length, pinnedSkips);
  return {
    ring,
    passed: outcome.tests.length - failures.length - skips.length,
    failed: failures.length + (pin.isFailure ? 1 : 0),
    skipped: skips.length,
    seconds,
    failures,
    skips,
    remarks: pin.remark === undefined ? [] : [pin.remark],
  };
}

function judgeSkips(count: number, pinned: number | undefined): { isFailure: boolean; remark?: string } {
  if (pinned === undefined || count === pinned) return { isFailure: false };
  const remark = `${count} tests were skipped, test/skipped.json pins ${pinned}`;
  if (count > pinned)
    return { isFailure: true, remark: `${remark}: make them run, or say in a commit why the pin rises` };
  return { isFailure: false, remark: `${remark}: lower the pin` };
}
