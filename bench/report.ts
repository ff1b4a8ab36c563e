import type { BenchReport, ContestantResult } from './run-rounds.ts';
import { median, percentile } from './statistics.ts';

/** The report as a table. Ratios are of medians: to the floor, which comes first, and to Debian's plugins, which come last if at all. */
export function formatReport({ results, agent }: BenchReport): string {
  const [floor] = results;
  if (floor === undefined) return '';
  const debian = results.find(({ name }) => name.startsWith('Debian'));
  const references = debian === undefined ? [floor] : [floor, debian];
  const header = ['', '', 'median ms', 'p95 ms', 'x floor', ...(debian === undefined ? [] : ["x Debian's"])];
  const rows = results.flatMap(result => [rowOf(result, 'add', references), rowOf(result, 'del', references)]);
  const { idle, after } = agent;
  return `${formatTable([header, ...rows])}
agent: ${idle.rssMb} MB RSS idle (${idle.anonymousMb} anonymous), ${after.rssMb} MB after (${after.anonymousMb} anonymous)
${floor.add.length} rounds; the floor is timed inside the program, the others from start to end of the plugin's process
`;
}

function rowOf(
  result: ContestantResult,
  verb: 'add' | 'del',
  references: readonly ContestantResult[],
): readonly string[] {
  const middle = median(result[verb]);
  const ratios = references.map(reference => (middle / median(reference[verb])).toFixed(2));
  return [result.name, verb.toUpperCase(), middle.toFixed(2), percentile(result[verb], 95).toFixed(2), ...ratios];
}

/** Columns of text, the first two aligned left, the numbers right. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? [];
  const pad = (text: string, column: number): string =>
    column < 2 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map(row => row.map(pad).join('  ').trimEnd()).join('\n');
}
