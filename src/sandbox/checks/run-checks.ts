import { messageOf } from '#base';
import type { KubeClient, WatchCache } from '#kube';
import { type SandboxPod, SERVICES } from '../resources.ts';
import type { Topology } from '../topology.ts';
import { untilCached } from '../until-cached.ts';
import { type CheckRow, runCheck } from './check.ts';
import { servicePlace } from './check-services.ts';
import { type ExampleServices, exampleChecks } from './example-checks.ts';
import { awaitPodReady } from './readiness-check.ts';
import type { Report } from './report.ts';
import { createWebServices, pickWebPods } from './web-pods.ts';

export interface RunChecksOptions {
  readonly client: KubeClient;
  readonly pods: WatchCache<SandboxPod>;
  /** How many pods the examples make. */
  readonly podCount: number;
  /** What this machine cannot show, with the reason. */
  readonly skipped: readonly CheckRow[];
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
  const { client, pods, podCount, topology, report } = options;
  const tell = (row: CheckRow): CheckRow => {
    report.row(row);
    return row;
  };
  const scheduled = (items: readonly SandboxPod[]): readonly SandboxPod[] | undefined =>
    items.length >= podCount && items.every(({ spec }) => spec.nodeName !== undefined) ? items : undefined;
  const made = (await untilCached(pods, scheduled, AbortSignal.timeout(READY_MS))) ?? pods.list();
  if (made.length < podCount)
    return [tell(failedRow('pods exist', `there are ${made.length} pods, expected ${podCount}`))];
  const preparing = prepare(client, topology, made);
  const readiness = await Promise.all(made.map(async pod => tell(await awaitPodReady(client, pods, pod, READY_MS))));
  const rows = [...readiness, ...options.skipped.map(tell)];
  if (readiness.some(row => !row.ok)) return rows;
  try {
    const { services, error } = await preparing;
    if (services === undefined) throw error;
    const ready = made.map(pod => pods.find(pod.metadata) ?? pod);
    const checks = exampleChecks({ ...options, pods: ready, services });
    return [...rows, ...(await Promise.all(checks.map(async check => tell(await runCheck(check, CHECK_MS)))))];
  } catch (error) {
    return [...rows, tell(failedRow('checks can be planned', messageOf(error)))];
  }
}

/** Never rejects: nobody listens until the pods are Ready. */
async function prepare(
  client: KubeClient,
  topology: Topology,
  pods: readonly SandboxPod[],
): Promise<{ readonly services?: ExampleServices; readonly error?: unknown }> {
  try {
    const [web, testApp] = await Promise.all([
      createWebServices(client, pickWebPods(topology, pods)),
      client.get(SERVICES, { namespace: 'default', name: 'test-app-svc' }).then(servicePlace),
    ]);
    return { services: { web, testApp } };
  } catch (error) {
    return { error };
  }
}

function failedRow(name: string, error: string): CheckRow {
  return { name, family: null, from: '', to: '', ok: false, ms: 0, error };
}
