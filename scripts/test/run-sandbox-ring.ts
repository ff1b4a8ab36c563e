import { existsSync } from 'node:fs';
import { findTestFiles } from './find-test-files.ts';
import { namespaceWrapper, whyNoNamespaces } from './namespace.ts';
import type { RingOutcome, RunOptions } from './ring.ts';
import { runTestFiles } from './run-test-files.ts';

/** Ring 4: the built program as a whole. Tests named `*.netns.test.ts` get namespaces from here, the others make their own. */
export async function runSandboxRing({ filter, isVerbose }: RunOptions): Promise<RingOutcome> {
  if (!existsSync('dist/bin/underlane')) return { kind: 'unable', reason: 'there is no dist/, run: npm run build' };
  const reason = await whyNoNamespaces();
  if (reason !== undefined) return { kind: 'unable', reason };
  const shared = { isolation: 'process', testTimeoutMs: 240_000, totalTimeoutMs: 480_000, isVerbose } as const;
  const plain = await runTestFiles({ ...shared, files: await findTestFiles(['test'], 'unit', filter) });
  const inNamespace = await runTestFiles({
    ...shared,
    files: await findTestFiles(['test'], 'kernel', filter),
    wrapper: namespaceWrapper(),
    env: { UNDERLANE_TEST_NS: '1' },
  });
  return { kind: 'ran', tests: [...plain, ...inNamespace] };
}
