import { ensureClusterPrograms } from '../../test/cluster/open-cluster.ts';
import { ensureOldKubectl } from '../../test/kubectl/find-kubectls.ts';
import { findTestFiles } from './find-test-files.ts';
import { namespaceWrapper, whyNoNamespaces } from './namespace.ts';
import type { RingOutcome, RunOptions } from './ring.ts';
import { runProcesses } from './run-processes.ts';

/**
 * Ring 5: tests named `*.cluster.test.ts`, against a real Kubernetes. Each file starts one of its own in namespaces that the kernel
 * clears away with it; where KUBECONFIG_E2E names a cluster they all use that.
 */
export async function runClusterRing({ filter, isVerbose }: RunOptions): Promise<RingOutcome> {
  const isGiven = (process.env['KUBECONFIG_E2E'] ?? '') !== '';
  const reason = isGiven ? undefined : await whyNoCluster();
  if (reason !== undefined) return { kind: 'unable', reason };
  await ensureOldKubectl(print);
  const files = await findTestFiles(['test'], 'cluster', filter);
  const tests = await runProcesses({
    processes: files.map(file => [file]),
    // A cluster keeps the whole machine busy.
    concurrency: 1,
    ...(isGiven ? {} : { wrapper: namespaceWrapper(), env: { UNDERLANE_TEST_NS: '1' } }),
    testTimeoutMs: 120_000,
    timeoutMs: 300_000,
    isVerbose,
  });
  return { kind: 'ran', tests };
}

async function whyNoCluster(): Promise<string | undefined> {
  const reason = await whyNoNamespaces();
  if (reason !== undefined) return reason;
  try {
    await ensureClusterPrograms(mirror => print(`downloading etcd from ${mirror} ...`));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function print(line: string): void {
  process.stdout.write(`  ${line}\n`);
}
