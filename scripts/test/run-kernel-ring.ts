import { availableParallelism } from 'node:os';
import { findTestFiles } from './find-test-files.ts';
import { namespaceWrapper, whyNoNamespaces } from './namespace.ts';
import type { RingOutcome, RunOptions } from './ring.ts';
import { runProcesses } from './run-processes.ts';

/** Ring 2: tests that change a kernel, each file inside namespaces of its own. */
export async function runKernelRing({ filter, isVerbose }: RunOptions): Promise<RingOutcome> {
  const reason = await whyNoNamespaces();
  if (reason !== undefined) return { kind: 'unable', reason };
  const files = await findTestFiles(['src'], 'kernel', filter);
  const tests = await runProcesses({
    processes: files.map(file => [file]),
    concurrency: availableParallelism(),
    wrapper: namespaceWrapper(),
    env: { UNDERLANE_TEST_NS: '1' },
    testTimeoutMs: 120_000,
    timeoutMs: 180_000,
    isVerbose,
  });
  return { kind: 'ran', tests };
}
