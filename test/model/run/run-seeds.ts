import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** What a worker says. */
export type Told = { readonly kind: 'done' } | Failure;

export interface Failure {
  readonly kind: 'failed';
  readonly seed: number;
  readonly problem: string;
  /** What happens in the shortest run that was found to fail. */
  readonly trace: readonly string[];
}

export interface SeedsOptions {
  readonly first: number;
  /** Runs; each has the next seed. */
  readonly count: number;
  /** Hears each second or so how many are through. */
  readonly onProgress: (done: number) => void;
}

/** Runs as many seeds on all of the machine's processors. @returns the first failure of each of them */
export async function runSeeds({ first, count, onProgress }: SeedsOptions): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const workers = Math.min(availableParallelism(), count);
  let done = 0;
  let saidAt = performance.now();
  const listen = (told: Told): void => {
    if (told.kind === 'failed') return void failures.push(told);
    done++;
    if (performance.now() < saidAt + 5_000) return;
    saidAt = performance.now();
    onProgress(done);
  };
  await Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      const share = Math.floor((count - index + workers - 1) / workers);
      const args = [first + index, workers, share].map(String);
      // Without the options of whoever runs tests: a worker is none.
      const worker = fork(join(import.meta.dirname, 'worker.ts'), args, { execArgv: [] });
      worker.on('message', listen);
      const [code] = await once(worker, 'exit');
      if (code !== 0) throw new Error(`A worker ended with ${code}; its arguments were ${args.join(' ')}`);
    }),
  );
  return failures;
}

/** How to have a failure again, and what happens in it. */
export function formatFailure({ seed, problem, trace }: Failure): string {
  return [`Seed ${seed}: ${problem}`, ...trace.map(line => `  ${line}`), `Again: UNDERLANE_MODEL_SEED=${seed}`].join(
    '\n',
  );
}
