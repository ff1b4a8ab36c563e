import { join, relative } from 'node:path';
import type { TestOutcome } from './ring.ts';
import { runChild } from './run-child.ts';

export interface TestFilesOptions {
  readonly files: readonly string[];
  /** What the test runner is started under: `unshare ...`, or nothing. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `none` runs all files in one process: fast, for tests that touch nothing but their own memory. */
  readonly isolation: 'none' | 'process';
  readonly testTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly isVerbose: boolean;
  /** Prints neither progress nor what failing tests print. */
  readonly isSilent?: boolean;
}

const REPORTER = join(import.meta.dirname, 'event-reporter.mjs');

/** Runs test files with node:test, one file at a time. @returns one outcome a test; a runner that breaks counts as a failed test */
export async function runTestFiles(options: TestFilesOptions): Promise<readonly TestOutcome[]> {
  const { files, wrapper = [], env, isolation, testTimeoutMs, totalTimeoutMs, isVerbose, isSilent = false } = options;
  if (files.length === 0) return [];
  const node: [string, ...string[]] = [
    process.execPath,
    '--test',
    `--test-isolation=${isolation}`,
    ...(isolation === 'process' ? ['--test-concurrency=1'] : []),
    `--test-timeout=${testTimeoutMs}`,
    `--test-reporter=${REPORTER}`,
    '--test-reporter-destination=stdout',
    ...files,
  ];
  const [first, ...rest] = [...wrapper, ...node];
  const tests: TestOutcome[] = [];
  using _progress = startProgress(
    isSilent,
    () => `${tests.length} tests so far, last in ${tests.at(-1)?.file ?? 'none'}`,
  );
  const { problem, output } = await runChild({
    command: [first ?? process.execPath, ...rest],
    ...(env === undefined ? {} : { env }),
    timeoutMs: totalTimeoutMs,
    onLine: line => {
      const test = parseOutcome(line);
      tests.push(test);
      if (isVerbose) print(`${test.status} ${test.file}: ${test.name} (${Math.round(test.ms)} ms)`);
    },
  });
  const hasFailure = tests.some(test => test.status === 'failed');
  if (isVerbose || (hasFailure && !isSilent)) process.stdout.write(output);
  if (problem === undefined || (hasFailure && problem === 'exit code 1')) return tests;
  const last = tests.at(-1);
  const where = last === undefined ? 'no test ended' : `the last test that ended is ${last.file}: ${last.name}`;
  const detail = `${problem}; ${where}\n${lastLines(output, 60)}`;
  return [...tests, { name: 'the test runner', status: 'failed', detail, ms: 0 }];
}

/** One line of event-reporter.mjs. */
function parseOutcome(line: string): TestOutcome {
  // Our own reporter wrote it, in this shape.
  const { file, ...test } = JSON.parse(line) as TestOutcome;
  return file === undefined ? test : { ...test, file: relative('.', file) };
}

/** Says every few seconds how far things are: silence for longer looks like a hang. */
function startProgress(isSilent: boolean, describe: () => string): Disposable {
  const timer = isSilent ? undefined : setInterval(() => print(`... ${describe()}`), 10_000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function print(line: string): void {
  process.stdout.write(`  ${line}\n`);
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
