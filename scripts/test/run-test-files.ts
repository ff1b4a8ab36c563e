import { join, relative } from 'node:path';
import type { TestOutcome } from './ring.ts';
import { runChild } from './run-child.ts';

export interface TestFilesOptions {
  /** All run in one process, one after another. */
  readonly files: readonly string[];
  /** What that process is started under: `unshare ...`, or nothing. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** For each test. */
  readonly testTimeoutMs: number;
  /** For the process. */
  readonly timeoutMs: number;
  readonly onTest?: (test: TestOutcome) => void;
}

export interface TestFilesOutcome {
  readonly tests: readonly TestOutcome[];
  /** What the tests printed. */
  readonly output: string;
}

const REPORTER = join(import.meta.dirname, 'event-reporter.mjs');

/** Runs test files with node:test. @returns one outcome a test; a process that breaks or never ends counts as a failed test */
export async function runTestFiles(options: TestFilesOptions): Promise<TestFilesOutcome> {
  const { files, wrapper = [], env = {}, testTimeoutMs, timeoutMs, onTest } = options;
  if (files.length === 0) return { tests: [], output: '' };
  const tests: TestOutcome[] = [];
  const { problem, output } = await runChild({
    command: [...wrapper, process.execPath, '--test', '--test-isolation=none', ...flags(testTimeoutMs), ...files],
    env,
    timeoutMs,
    onLine: line => {
      const test = parseOutcome(line);
      tests.push(test);
      onTest?.(test);
    },
  });
  const hasFailure = tests.some(test => test.status === 'failed');
  if (problem === undefined || (hasFailure && problem === 'exit code 1')) return { tests, output };
  const last = tests.at(-1);
  const where = last === undefined ? 'no test ended' : `the last test that ended is "${last.name}"`;
  const detail = `${problem}; ${where}\n${output.trimEnd().split('\n').slice(-60).join('\n')}`;
  const name = `the process of ${last?.file ?? files.join(', ')}`;
  return { tests: [...tests, { name, status: 'failed', detail, ms: timeoutMs }], output };
}

function flags(testTimeoutMs: number): readonly string[] {
  return [`--test-timeout=${testTimeoutMs}`, `--test-reporter=${REPORTER}`, '--test-reporter-destination=stdout'];
}

/** One line of event-reporter.mjs. */
function parseOutcome(line: string): TestOutcome {
  // Our own reporter wrote it, in this shape.
  const { file, ...test } = JSON.parse(line) as TestOutcome;
  return file === undefined ? test : { ...test, file: relative('.', file) };
}
