import type { TestOutcome } from './ring.ts';
import { runTestFiles, type TestFilesOptions } from './run-test-files.ts';

export interface ProcessesOptions extends Omit<TestFilesOptions, 'files' | 'onTest'> {
  /** The files of one process each. */
  readonly processes: readonly (readonly string[])[];
  /** Processes at once. */
  readonly concurrency: number;
  readonly isVerbose: boolean;
}

/** Runs test files in several processes and tells on stdout how far they are. Prints what failing processes printed. */
export async function runProcesses(options: ProcessesOptions): Promise<readonly TestOutcome[]> {
  const { processes, concurrency, isVerbose, ...shared } = options;
  const waiting = [...processes];
  const tests: TestOutcome[] = [];
  const onTest = (test: TestOutcome): void => {
    tests.push(test);
    if (isVerbose) print(`${test.status} ${test.file}: ${test.name} (${Math.round(test.ms)} ms)`);
  };
  const work = async (): Promise<readonly TestOutcome[]> => {
    const outcomes: TestOutcome[] = [];
    for (let files = waiting.shift(); files !== undefined; files = waiting.shift()) {
      const outcome = await runTestFiles({ ...shared, files, onTest });
      outcomes.push(...outcome.tests);
      const hasFailure = outcome.tests.some(({ status }) => status === 'failed');
      if (isVerbose || hasFailure) process.stdout.write(outcome.output);
    }
    return outcomes;
  };
  using _progress = startProgress(() => `${tests.length} tests so far, last in ${tests.at(-1)?.file ?? 'none'}`);
  const outcomes = await Promise.all(Array.from({ length: concurrency }, work));
  return outcomes.flat();
}

/** Says every few seconds how far things are: silence for longer looks like a hang. */
export function startProgress(describe: () => string): Disposable {
  const timer = setInterval(() => print(`... ${describe()}`), 10_000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function print(line: string): void {
  process.stdout.write(`  ${line}\n`);
}
