import type { RingReport } from './judge-ring.ts';
import type { TestOutcome } from './ring.ts';

/** Prints what a person needs to know about a ring: failures in full, skips with their reasons, the totals. */
export function printRing(report: RingReport): void {
  for (const test of report.failures) print(`  FAILED ${titleOf(test)}\n${indent(test.detail ?? 'No reason given')}\n`);
  for (const [reason, tests] of groupByReason(report.skips)) {
    print(`  skipped ${tests.length}, ${reason}:`);
    for (const test of tests) print(`    ${titleOf(test)}`);
  }
  for (const remark of report.remarks) print(`  ${remark}`);
  const { ring, passed, failed, skipped, seconds } = report;
  print(
    `ring ${ring.id} ${ring.name}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds.toFixed(1)} s\n`,
  );
}

function groupByReason(skips: readonly TestOutcome[]): Map<string, TestOutcome[]> {
  return Map.groupBy(skips, test => test.detail ?? 'no reason given');
}

function titleOf(test: TestOutcome): string {
  return test.file === undefined ? test.name : `${test.file}: ${test.name}`;
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map(line => `    ${line}`)
    .join('\n');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
