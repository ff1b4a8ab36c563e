import { messageOf } from '#base';
import type { KubeClient, WatchCache } from '#kube';
import type { SandboxPod } from '../resources.ts';
import type { Topology } from '../topology.ts';
import { untilCached } from '../until-cached.ts';
import { type CheckRow, runCheck, skippedRow } from './check.ts';
import { exampleChecks } from './example-checks.ts';
import { awaitPodReady } from './readiness-check.ts';
import type { Report } from './report.ts';

export interface RunChecksOptions {
  readonly client: KubeClient;
  readonly pods: WatchCache<SandboxPod>;
  /** How many pods the examples make. */
  readonly podCount: number;
  /** Why ipvlan was left out; undefined where the kernel has it. */
  readonly ipvlanSkipped: string | undefined;
  readonly topology: Topology;
  readonly stateDir: string;
  readonly report: Report;
}

/** Everything that starts up gets this long, on however slow a machine. */
const READY_MS = 60_000;
/** Once pods are Ready, the rest is rules on their way. */
const CHECK_MS = 10_000;

/** Waits for the examples' pods, then tries everything at once. Resolves with one row a check; never rejects for a check's failure. */
export async function runChecks(options: RunChecksOptions): Promise<CheckRow[]> {
  const { client, pods, podCount, report } = options;
  const tell = (row: CheckRow): CheckRow => {
    report.row(row);
    return row;
  };
  const made =
    (await untilCached(pods, items => (items.length >= podCount ? items : undefined), AbortSignal.timeout(READY_MS))) ??
    pods.list();
  if (made.length < podCount)
    return [tell(failedRow('pods exist', `there are ${made.length} pods, expected ${podCount}`))];
  const readiness = await Promise.all(made.map(async pod => tell(await awaitPodReady(client, pods, pod, READY_MS))));
  const skipped =
    options.ipvlanSkipped === undefined
      ? []
      : [tell(skippedRow('ipvlan as additional network', 'samplepod', 'samplepod-2', options.ipvlanSkipped))];
  if (readiness.some(row => !row.ok)) return [...readiness, ...skipped];
  try {
    const ready = made.map(pod => pods.find(pod.metadata) ?? pod);
    const checks = await exampleChecks({ ...options, pods: ready });
    const rows = await Promise.all(checks.map(async check => tell(await runCheck(check, CHECK_MS))));
    return [...readiness, ...skipped, ...rows];
  } catch (error) {
    return [...readiness, ...skipped, tell(failedRow('checks can be planned', messageOf(error)))];
  }
}

function failedRow(name: string, error: string): CheckRow {
  return { name, from: '', to: '', ok: false, ms: 0, error };
}
