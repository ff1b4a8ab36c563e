import { findTestFiles } from './find-test-files.ts';
import { namespaceWrapper, whyNoNamespaces } from './namespace.ts';
import type { RingOutcome, RunOptions } from './ring.ts';
import { runTestFiles } from './run-test-files.ts';

/** Ring 2: tests that change a kernel, inside namespaces of their own. */
export async function runKernelRing({ filter, isVerbose }: RunOptions): Promise<RingOutcome> {
  const reason = await whyNoNamespaces();
  if (reason !== undefined) return { kind: 'unable', reason };
  const tests = await runTestFiles({
    files: await findTestFiles(['src'], 'kernel', filter),
    wrapper: namespaceWrapper(),
    env: { UNDERLANE_TEST_NS: '1' },
    isolation: 'process',
    testTimeoutMs: 120_000,
    totalTimeoutMs: 300_000,
    isVerbose,
  });
  return { kind: 'ran', tests };
}
