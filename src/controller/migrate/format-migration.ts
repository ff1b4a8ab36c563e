import type { MigrationReport, ReportedAddress } from './migration-report.ts';

const OUTCOMES = ['imported', 'missing', 'present', 'stale', 'held', 'unplaced'] as const;
const COLUMNS: readonly (readonly [string, (address: ReportedAddress) => string])[] = [
  ['ADDRESS', ({ address }) => address],
  ['POD', ({ pod }) => pod ?? '-'],
  ['INTERFACE', one => one.interface ?? '-'],
  ['NODE', ({ node }) => node ?? '-'],
  ['RECORD', ({ record }) => record],
  ['OUTCOME', ({ outcome, why }) => (why === undefined ? outcome : `${outcome}: ${why}`)],
];

/** A report as people read it: a table, what stands in the way, and a summary. Ends in a line break. */
export function formatMigration(report: MigrationReport): string {
  const { addresses, writers, problems, takenOver, left, isDryRun, refused, from } = report;
  const rows = [COLUMNS.map(([title]) => title), ...addresses.map(one => COLUMNS.map(([, show]) => show(one)))];
  const counts = OUTCOMES.flatMap(outcome => {
    const count = addresses.filter(one => one.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  const lines = [
    ...(addresses.length === 0 ? [] : alignColumns(rows)),
    ...problems.map(problem => `Cannot read ${problem}`),
    ...writers.map(writer => `May still allocate: ${writer}`),
    `${from}: ${counts.length === 0 ? 'no addresses' : counts.join(', ')}`,
    `${takenOver.length} objects ${isDryRun || refused !== undefined ? 'would be' : 'are'} taken over, ${left.length} stay as they are`,
    ...(refused === undefined ? [] : [`Nothing was written: ${refused}`]),
    ...(isDryRun ? ['Nothing was written: this is what --yes would do'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)));
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
