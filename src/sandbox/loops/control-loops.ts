import type { KubeObject, Resource } from '#api';
import type { Log } from '#base';
import { createWatchCache, type KubeClient } from '#kube';
import { startReconciler } from '../reconciler.ts';
import { NODES, SANDBOX_PODS, SERVICES } from '../resources.ts';
import { CRON_JOBS, DAEMON_SETS, DEPLOYMENTS, JOBS, REPLICA_SETS, STATEFUL_SETS } from '../workloads.ts';
import { reconcileCronJobs } from './cron-jobs.ts';
import { reconcileDaemonSets } from './daemon-sets.ts';
import { reconcileDeployments } from './deployments.ts';
import { reconcileEndpoints } from './endpoints.ts';
import { reconcileJobs } from './jobs.ts';
import { reconcileNodes } from './node-lifecycle.ts';
import { deleteOrphans } from './orphans.ts';
import { reconcileReplicaSets } from './replica-sets.ts';
import { schedulePods } from './scheduler.ts';
import { reconcileStatefulSets } from './stateful-sets.ts';

export interface ControlLoopOptions {
  readonly client: KubeClient;
  readonly log: Log;
  readonly signal: AbortSignal;
}

interface Loop {
  readonly reconcile: (client: KubeClient) => Promise<void>;
  /** What it is run again for. */
  readonly watched: readonly Resource[];
  /** It is also run again after this time, since something is due by the clock. */
  readonly everyMs?: number;
}

/** Each run reads everything: a hundred pods that start make thousands of changes. */
const PAUSE_MS = 30;

const now = (): Date => new Date();

const LOOPS: Readonly<Record<string, Loop>> = {
  deployments: { reconcile: reconcileDeployments, watched: [DEPLOYMENTS, REPLICA_SETS, SANDBOX_PODS] },
  replicasets: { reconcile: reconcileReplicaSets, watched: [REPLICA_SETS, SANDBOX_PODS] },
  statefulsets: { reconcile: reconcileStatefulSets, watched: [STATEFUL_SETS, SANDBOX_PODS] },
  daemonsets: { reconcile: reconcileDaemonSets, watched: [DAEMON_SETS, NODES, SANDBOX_PODS] },
  jobs: { reconcile: client => reconcileJobs(client, now), watched: [JOBS, SANDBOX_PODS] },
  cronjobs: { reconcile: client => reconcileCronJobs(client, now), watched: [CRON_JOBS, JOBS], everyMs: 10_000 },
  orphans: {
    reconcile: deleteOrphans,
    watched: [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, JOBS, SANDBOX_PODS],
  },
  nodes: { reconcile: client => reconcileNodes(client, now), watched: [NODES, SANDBOX_PODS] },
  scheduler: { reconcile: schedulePods, watched: [NODES, SANDBOX_PODS] },
  endpoints: { reconcile: reconcileEndpoints, watched: [SERVICES, SANDBOX_PODS] },
};

/**
 * The cluster's control plane besides its API server. Each loop looks at everything afresh after any change: a sandbox is
 * small, and a loop that reads what it wrote cannot act twice on an old copy.
 */
export function startControlLoops({ client, log, signal }: ControlLoopOptions): void {
  const triggers = new Map<Resource<KubeObject>, (() => void)[]>();
  for (const [name, { reconcile, watched, everyMs }] of Object.entries(LOOPS)) {
    const { trigger } = startReconciler({ name, reconcile: () => reconcile(client), log, signal, pauseMs: PAUSE_MS });
    if (everyMs !== undefined) triggerEvery(everyMs, trigger, signal);
    for (const resource of watched) triggers.set(resource, [...(triggers.get(resource) ?? []), trigger]);
  }
  for (const [resource, all] of triggers)
    createWatchCache({ client, log, signal, resource }).subscribe(() => {
      for (const trigger of all) trigger();
    });
}

function triggerEvery(ms: number, trigger: () => void, signal: AbortSignal): void {
  const timer = setInterval(trigger, ms);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
