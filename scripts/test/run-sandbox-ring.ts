import { existsSync } from 'node:fs';
import { ensureOldKubectl } from '../../test/kubectl/find-kubectls.ts';
import { ensureReference } from '../../test/programs/reference-plugins.ts';
import { findTestFiles } from './find-test-files.ts';
import { namespaceWrapper, whyNoNamespaces } from './namespace.ts';
import type { RingOutcome, RunOptions } from './ring.ts';
import { runProcesses } from './run-processes.ts';

/** Ring 4: the built program as a whole. Tests named `*.netns.test.ts` get namespaces from here, the others make their own. */
export async function runSandboxRing({ filter, isVerbose }: RunOptions): Promise<RingOutcome> {
  if (!existsSync('dist/bin/underlane')) return { kind: 'unable', reason: 'there is no dist/, run: npm run build' };
  const reason = await whyNoNamespaces();
  if (reason !== undefined) return { kind: 'unable', reason };
  const say = (line: string): boolean => process.stdout.write(`  ${line}\n`);
  await ensureOldKubectl(say);
  await ensureReference(say);
  const plain = await findTestFiles(['test'], 'unit', filter);
  const kernel = await findTestFiles(['test'], 'kernel', filter);
  // One at a time: each of them keeps the whole machine busy.
  const shared = { concurrency: 1, testTimeoutMs: 120_000, timeoutMs: 240_000, isVerbose };
  const tests = [
    ...(await runProcesses({ ...shared, processes: plain.map(file => [file]) })),
    ...(await runProcesses({
      ...shared,
      processes: kernel.map(file => [file]),
      wrapper: namespaceWrapper(),
      env: { UNDERLANE_TEST_NS: '1' },
    })),
  ];
  return { kind: 'ran', tests };
}
