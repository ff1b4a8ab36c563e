/** `npm run soak`: the model tests of addresses for as long as wanted, each run with another seed. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatFailure, runSeeds } from '../test/model/run/run-seeds.ts';

const HELP = `Usage: npm run soak -- [--minutes N] [--seed N]

Runs agents, controllers, runtimes and people in random order, with crashes, partitions and lost calls, against the model "no
address twice, none lost". Prints seeds; a failure is printed as the shortest run that was found to fail.

Options:
  --minutes N   how long (default 60)
  --seed N      the first seed (default: a random one)
  --help        this text

Example:
  npm run soak -- --minutes 480
`;

/** Runs between two looks at the time. */
const BATCH = 2_000;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 2 ** 31)) },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const minutes = parseNumber('minutes', values.minutes);
  let first = parseNumber('seed', values.seed);
  let runs = 0;
  for (const end = performance.now() + minutes * 60_000; performance.now() < end; first += BATCH) {
    const onProgress = (done: number): boolean => process.stdout.write(`${runs + done} runs, seeds from ${first}\n`);
    const failures = await runSeeds({ first, count: BATCH, onProgress });
    runs += BATCH;
    if (failures.length === 0) continue;
    process.stdout.write(`${failures.map(formatFailure).join('\n\n')}\n`);
    return 1;
  }
  process.stdout.write(`${runs} runs, none failed\n`);
  return 0;
}

function parseNumber(option: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`Cannot use --${option} "${text}": expected a number above 0`);
}

process.chdir(join(import.meta.dirname, '..'));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
