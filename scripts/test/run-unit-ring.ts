import { availableParallelism } from 'node:os';
import { findTestFiles } from './find-test-files.ts';
import type { RingOutcome, RunOptions } from './ring.ts';
import { runProcesses } from './run-processes.ts';

/**
 * Ring 1: everything that lies beside the code and needs no root. A process for each file: hooks and handles of one
 * never reach another, and the compile cache makes up for most of what that costs.
 */
export async function runUnitRing({ filter, isVerbose }: RunOptions): Promise<RingOutcome> {
  const files = await findTestFiles(['src', 'scripts', 'shim', 'bench'], 'unit', filter);
  const tests = await runProcesses({
    processes: files.map(file => [file]),
    concurrency: availableParallelism(),
    testTimeoutMs: 60_000,
    timeoutMs: 90_000,
    isVerbose,
  });
  return { kind: 'ran', tests };
}
