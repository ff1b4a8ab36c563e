import { formatAddresses } from './addresses/report.ts';
import { formatTable } from './format-table.ts';
import type { ContestantResult } from './run-rounds.ts';
import type { AttachReport } from './scenarios/attach.ts';
import type { LoopReport } from './scenarios/loop.ts';
import type { MemoryReport } from './scenarios/memory.ts';
import type { PodsReport } from './scenarios/pods.ts';
import type { BenchReport } from './scenarios.ts';
import { median, percentile } from './statistics.ts';

/** The report as tables, one a scenario. */
export function formatReport({ attach, pods, loop, memory, addresses }: BenchReport): string {
  const parts = [
    ...(attach === undefined ? [] : [formatAttach(attach)]),
    ...(pods === undefined ? [] : [formatPods(pods)]),
    ...(loop === undefined ? [] : [formatLoop(loop)]),
    ...(memory === undefined ? [] : [formatMemory(memory)]),
    ...(addresses === undefined ? [] : [formatAddresses(addresses)]),
  ];
  return parts.join('\n');
}

/** Ratios are of medians: to the floor, which comes first, and to Debian's plugins, which come last if at all. */
function formatAttach({ results, agent }: AttachReport): string {
  const [floor] = results;
  if (floor === undefined) return '';
  const debian = results.find(isDebian);
  const references = debian === undefined ? [floor] : [floor, debian];
  const header = [
    'one pod at a time',
    '',
    'p50 ms',
    'p95 ms',
    'x floor',
    ...(debian === undefined ? [] : ["x Debian's"]),
  ];
  const rows = results.flatMap(result =>
    VERBS.map(verb => [
      result.name,
      verb.toUpperCase(),
      ...timesOf(result[verb], [50, 95]),
      ...ratiosOf(result, references, verb),
    ]),
  );
  const { idle, after } = agent;
  return `${formatTable([header, ...rows])}
agent: ${idle.rssMb} MB RSS idle (${idle.anonymousMb} anonymous), ${after.rssMb} MB after (${after.anonymousMb} anonymous)
${floor.add.length} rounds; the floor is timed inside the program, the others from start to end of the plugin's process
`;
}

/** Ratios are to Debian's plugins in the same crowd. */
function formatPods({ results }: PodsReport): string {
  const hasDebian = results.some(isDebian);
  const header = [
    'with an API server',
    '',
    'networks',
    'at once',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    ...(hasDebian ? ["x Debian's"] : []),
  ];
  const rows = results.flatMap(result => {
    const rivals = results.filter(
      other => isDebian(other) && other.networks === result.networks && other.atOnce === result.atOnce,
    );
    return VERBS.map(verb => [
      result.name,
      verb.toUpperCase(),
      String(1 + result.networks),
      String(result.atOnce),
      ...timesOf(result[verb], [50, 95, 99]),
      ...ratiosOf(result, rivals, verb),
    ]);
  });
  return `${formatTable([header, ...rows])}\n`;
}

function formatLoop({ results }: LoopReport): string {
  const header = ['50 pods at once', '', 'p50 ms', 'p99 ms', 'max ms'];
  const rows = results.flatMap(result =>
    VERBS.flatMap(verb => [
      [`${result.name}: event loop late`, verb.toUpperCase(), ...timesOf(result[verb].loopGaps, [50, 99, 100])],
      [`${result.name}: stat on the pool`, verb.toUpperCase(), ...timesOf(result[verb].fsCalls, [50, 99, 100])],
    ]),
  );
  return `${formatTable([header, ...rows])}\n`;
}

function formatMemory({ results }: MemoryReport): string {
  const header = ['MB RSS (anonymous)', '', 'before', 'attached', 'after'];
  const rows = results.map(({ name, pods, ...moments }) => [
    `${name}: ${pods} pods`,
    '',
    ...[moments.before, moments.attached, moments.after].map(({ rssMb, anonymousMb }) => `${rssMb} (${anonymousMb})`),
  ]);
  return `${formatTable([header, ...rows])}\n`;
}

const VERBS = ['add', 'del'] as const;

function isDebian({ name }: { readonly name: string }): boolean {
  return name.startsWith('Debian');
}

function timesOf(values: readonly number[], percents: readonly number[]): readonly string[] {
  return percents.map(percent => percentile(values, percent).toFixed(2));
}

function ratiosOf(
  result: ContestantResult,
  references: readonly ContestantResult[],
  verb: 'add' | 'del',
): readonly string[] {
  return references.map(reference => (median(result[verb]) / median(reference[verb])).toFixed(2));
}
