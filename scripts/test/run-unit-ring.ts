import { findTestFiles } from './find-test-files.ts';
import type { RingOutcome, RunOptions } from './ring.ts';
import { runTestFiles } from './run-test-files.ts';

/** Ring 1: everything that lies beside the code and needs no root. */
export async function runUnitRing({ filter, isVerbose }: RunOptions): Promise<RingOutcome> {
  const files = await findTestFiles(['src', 'scripts', 'shim', 'bench'], 'unit', filter);
  const tests = await runTestFiles({
    files,
    isolation: 'none',
    testTimeoutMs: 60_000,
    totalTimeoutMs: 180_000,
    isVerbose,
  });
  return { kind: 'ran', tests };
}
