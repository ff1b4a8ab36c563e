import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { chooseFiles } from '../../test/lab/choose-files.ts';
import { ensureKernelRoot } from '../../test/lab/kernel-root.ts';
import type { LabLine } from '../../test/lab/lab-run.ts';
import { LINK_KINDS, printCapabilities, probeLinkKinds } from '../../test/lab/link-kinds.ts';
import { type LabOutcome, runInLab } from '../../test/lab/run-in-lab.ts';
import { findTestFiles } from './find-test-files.ts';
import { whyNoNamespaces } from './namespace.ts';
import type { RingOutcome, RunOptions, TestOutcome } from './ring.ts';
import { startProgress } from './run-processes.ts';

const TIMEOUT_MS = 240_000;

/**
 * Ring 3: tests of ring 2 once more, on a second kernel: user-mode Linux, which boots as a process. Nothing may be skipped there
 * for want of a link kind that the host lacks.
 */
export async function runLabRing({ filter, isVerbose }: RunOptions): Promise<RingOutcome> {
  const reason = await whyNoNamespaces();
  if (reason !== undefined) return { kind: 'unable', reason };
  const root = await ensureKernelRoot(mirror => print(`downloading the second kernel from ${mirror} ...`)).catch(
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  if (root instanceof Error) return { kind: 'unable', reason: root.message };
  const hostKinds = await probeLinkKinds();
  const found = await findTestFiles(['src'], 'kernel', filter);
  // Whoever names files gets just these.
  const files = filter === undefined ? await chooseDependent(found, hostKinds) : found;
  if (files.length === 0) return { kind: 'ran', tests: [] };
  const watch = (soFar: () => readonly LabLine[]): Disposable => startProgress(() => describeProgress(soFar(), files));
  const outcome = await runInLab({ root, files, timeoutMs: TIMEOUT_MS, watch });
  const kernel = outcome.lines.find(line => line.type === 'kernel');
  if (kernel === undefined) return { kind: 'unable', reason: `the second kernel does not boot (${endOf(outcome)})` };
  printKernels(kernel, hostKinds, await printCapabilities());
  return { kind: 'ran', tests: collectTests(outcome, files, isVerbose) };
}

/** Files about link kinds that the host may lack. */
async function chooseDependent(files: readonly string[], hostKinds: readonly string[]): Promise<readonly string[]> {
  const sources = await Promise.all(files.map(async file => ({ file, text: await readFile(file, 'utf8') })));
  return chooseFiles(
    sources,
    LINK_KINDS.filter(kind => !hostKinds.includes(kind)),
  );
}

function collectTests(outcome: LabOutcome, files: readonly string[], isVerbose: boolean): readonly TestOutcome[] {
  const answers = outcome.lines.filter(line => line.type === 'file');
  for (const { outcome } of answers) {
    const hasFailure = outcome.tests.some(({ status }) => status === 'failed');
    if (isVerbose || hasFailure) process.stdout.write(outcome.output);
    if (!isVerbose) continue;
    for (const test of outcome.tests) print(`${test.status} ${test.file}: ${test.name} (${Math.round(test.ms)} ms)`);
  }
  const tests = answers.flatMap(answer => answer.outcome.tests);
  if (outcome.problem === undefined) return tests;
  const name = `the second kernel in ${files[answers.length] ?? 'no file'}`;
  return [...tests, { name, status: 'failed', detail: endOf(outcome), ms: TIMEOUT_MS }];
}

function describeProgress(lines: readonly LabLine[], files: readonly string[]): string {
  const done = lines.filter(({ type }) => type === 'file').length;
  return `${done} of ${files.length} files, now in ${files[done] ?? 'none'}`;
}

function endOf({ problem, output }: LabOutcome): string {
  return `${problem}\n${output.trimEnd().split('\n').slice(-60).join('\n')}`;
}

/** What a reader must know to trust the other rings' results for a link kind. */
function printKernels(
  lab: Extract<LabLine, { type: 'kernel' }>,
  hostKinds: readonly string[],
  hostTable: string,
): void {
  const listMissing = (kinds: readonly string[], others: readonly string[]): string =>
    others.filter(kind => !kinds.includes(kind)).join(', ') || 'nothing that the other has';
  print(`host kernel ${release()} lacks ${listMissing(hostKinds, lab.linkKinds)}`);
  print(`lab kernel ${lab.release} lacks ${listMissing(lab.linkKinds, hostKinds)}`);
  for (const line of `${hostTable}\n${lab.table}`.trimEnd().split('\n')) print(line);
}

function print(line: string): void {
  process.stdout.write(`  ${line}\n`);
}
