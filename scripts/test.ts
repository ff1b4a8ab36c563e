/**
 * `npm test`: all rings that this machine can run, one after another.
 * The last line on stdout is `N passed, N failed, N skipped`; the exit code says whether that is good.
 */
import { join } from 'node:path';
import { judgeRing, type RingReport } from './test/judge-ring.ts';
import { HELP, parseOptions, type TestOptions, UsageError } from './test/options.ts';
import { readPinnedSkips } from './test/pinned-skips.ts';
import { printRing } from './test/print-ring.ts';
import { RINGS } from './test/rings.ts';

async function runRings(options: TestOptions): Promise<readonly RingReport[]> {
  const pinned = await readPinnedSkips();
  const reports: RingReport[] = [];
  for (const ring of RINGS) {
    if (options.rings !== undefined && !options.rings.includes(ring.id)) continue;
    process.stdout.write(`ring ${ring.id} ${ring.name}: ${ring.purpose}\n`);
    const start = performance.now();
    const outcome = await ring.run({ filter: options.filter, isVerbose: options.isVerbose });
    const report = judgeRing({
      ring,
      outcome,
      isRequired: options.requiredRings.includes(ring.id),
      // A part of the tests says nothing about how many of all of them are skipped.
      pinnedSkips: options.filter === undefined ? (pinned[ring.id] ?? []) : undefined,
      seconds: (performance.now() - start) / 1000,
    });
    printRing(report);
    reports.push(report);
  }
  return reports;
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, process.env);
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const reports = await runRings(options);
  const sum = (pick: (report: RingReport) => number): number =>
    reports.reduce((total, report) => total + pick(report), 0);
  const failed = sum(report => report.failed);
  const passed = sum(report => report.passed);
  process.stdout.write(`${passed} passed, ${failed} failed, ${sum(report => report.skipped)} skipped\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

process.chdir(join(import.meta.dirname, '..'));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
