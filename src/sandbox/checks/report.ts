import type { CheckRow } from './check.ts';

/** Where a sandbox tells how it goes. */
export interface Report {
  /** What is being done now, for whoever waits. */
  progress(text: string): void;
  /** One check's outcome, as soon as it is known. */
  row(row: CheckRow): void;
  /** All outcomes, in the order of the plan. */
  summary(rows: readonly CheckRow[]): void;
}

export interface ReportOptions {
  readonly json: boolean;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** With `json`, stdout gets the one line of the summary and stderr the rest. */
export function createReport({ json, stdout, stderr }: ReportOptions): Report {
  const human = json ? stderr : stdout;
  let hasHeader = false;
  return {
    progress: text => stderr(`${text}\n`),
    row(row) {
      if (!hasHeader) human(`\n${formatRow(['', 'CHECK', '', 'FROM', 'TO', 'MS'])}\n`);
      hasHeader = true;
      human(
        `${formatRow([mark(row), row.name, row.family ?? '', row.from, row.to, row.skipped === undefined ? String(row.ms) : ''])}\n`,
      );
      if (row.error !== null) human(`       ${row.error}\n`);
      if (row.skipped !== undefined) human(`       skipped: ${row.skipped}\n`);
    },
    summary(rows) {
      const failed = rows.filter(row => !row.ok).length;
      const skipped = rows.filter(row => row.skipped !== undefined).length;
      human(`\n${rows.length - failed - skipped} checks passed, ${failed} failed, ${skipped} skipped\n`);
      if (json) stdout(`${JSON.stringify({ ok: failed === 0, checks: rows })}\n`);
    },
  };
}

function mark(row: CheckRow): string {
  if (row.skipped !== undefined) return 'skip';
  return row.ok ? 'ok' : 'FAIL';
}

function formatRow([state = '', name = '', family = '', from = '', to = '', ms = '']: readonly string[]): string {
  return `${state.padEnd(5)}${name.padEnd(46)} ${family.padEnd(4)} ${from.padEnd(28)} ${to.padEnd(50)} ${ms.padStart(6)}`.trimEnd();
}
