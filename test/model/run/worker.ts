/** Runs a share of the seeds in a process of its own. Arguments: first seed, step between seeds, how many. */
import { createRunner } from './run.ts';
import type { Told } from './run-seeds.ts';
import { shrink } from './shrink.ts';

const SHRINK_MS = 30_000;

const [first = 1, step = 1, count = 1] = process.argv.slice(2).map(Number);
// Runs make many errors, and nobody reads where.
Error.stackTraceLimit = 0;
const runner = createRunner();
const tell = (told: Told): void => void process.send?.(told);
for (let done = 0; done < count; done++) {
  const seed = first + done * step;
  const outcome = await runner.random(seed);
  tell({ kind: 'done' });
  if (outcome.problem === undefined) continue;
  const fails = async (recording: typeof outcome.recorded): Promise<boolean> =>
    (await runner.repeat(recording)).problem !== undefined;
  const { problem = outcome.problem, trace } = await runner.repeat(
    await shrink(outcome.recorded, fails, SHRINK_MS),
    true,
  );
  tell({ kind: 'failed', seed, problem, trace });
  break;
}
process.disconnect?.();
