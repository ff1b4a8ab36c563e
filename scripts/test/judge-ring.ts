import { judgeSkips, type PinnedSkip } from './pinned-skips.ts';
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
  /** undefined where skips are not to be judged. */
  readonly pinnedSkips: readonly PinnedSkip[] | undefined;
  readonly seconds: number;
}

/**
 * Counts a ring. A ring that cannot run counts as one skipped test, or as one failed test when it is required.
 * Each reason for more skips than are pinned counts as one failed test, so that coverage never shrinks unseen.
 */
export function judgeRing({ ring, outcome, isRequired, pinnedSkips, seconds }: JudgeInput): RingReport {
  if (outcome.kind === 'unable') {
    const remark = `Cannot run ring ${ring.id} ${ring.name}: ${outcome.reason}${isRequired ? ' (required here)' : ''}`;
    const counts = isRequired ? { failed: 1, skipped: 0 } : { failed: 0, skipped: 1 };
    return { ring, passed: 0, ...counts, seconds, failures: [], skips: [], remarks: [remark] };
  }
  const failures = outcome.tests.filter(test => test.status === 'failed');
  const skips = outcome.tests.filter(test => test.status === 'skipped');
  const reasons = skips.map(({ detail }) => detail ?? '');
  const remarks = pinnedSkips === undefined ? [] : judgeSkips(reasons, pinnedSkips);
  return {
    ring,
    passed: outcome.tests.length - failures.length - skips.length,
    failed: failures.length + remarks.length,
    skipped: skips.length,
    seconds,
    failures,
    skips,
    remarks,
  };
}
