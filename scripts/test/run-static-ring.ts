import type { RingOutcome, RunOptions, TestOutcome } from './ring.ts';
import { runChild } from './run-child.ts';

interface StaticCheck {
  readonly name: string;
  readonly command: readonly string[];
}

const BIN = 'node_modules/.bin';

const CHECKS: readonly StaticCheck[] = [
  { name: 'tsc: types', command: [`${BIN}/tsc`, '--noEmit', '-p', '.'] },
  { name: 'biome: format and lint', command: [`${BIN}/biome`, 'ci', '--error-on-warnings', '--colors=off'] },
  { name: 'oxlint: promises', command: [`${BIN}/oxlint`, '--type-aware', '--deny-warnings'] },
  { name: 'knip: dead code and dependencies', command: [`${BIN}/knip`, '--no-progress'] },
  {
    name: 'npm: lock file and package.json agree',
    command: ['npm', 'ci', '--dry-run', '--offline', '--loglevel=error'],
  },
  { name: 'imports: rooms point down', command: [process.execPath, 'scripts/check-imports.ts'] },
  {
    name: 'docs: picture of the rooms',
    command: [process.execPath, 'scripts/generate-room-picture.ts', '--check'],
  },
];

/** Ring 0: tools that read the sources. Each counts as one test. */
export async function runStaticRing({ filter = '', isVerbose }: RunOptions): Promise<RingOutcome> {
  const tests: TestOutcome[] = [];
  for (const check of CHECKS) {
    if (!check.name.includes(filter)) continue;
    const test = await runCheck(check);
    tests.push(test);
    if (isVerbose) process.stdout.write(`  ${test.status} ${test.name} (${Math.round(test.ms)} ms)\n`);
  }
  return { kind: 'ran', tests };
}

async function runCheck({ name, command }: StaticCheck): Promise<TestOutcome> {
  const start = performance.now();
  const { problem, output } = await runChild({ command, timeoutMs: 120_000 });
  const ms = performance.now() - start;
  if (problem === undefined) return { name, status: 'passed', ms };
  return { name, status: 'failed', detail: `${output.trim()}\n${problem}: ${command.join(' ')}`, ms };
}
