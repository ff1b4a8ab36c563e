import type { KubeClient } from '#kube';
import { SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { JOBS, type Job } from '../workloads.ts';
import { changePods, type PodsPlan } from './change-pods.ts';
import { ownedBy, referenceTo } from './ownership.ts';
import { isPodActive, isPodReady } from './pod-state.ts';
import { reconcileAll } from './reconcile-all.ts';
import { templatePod } from './template-pod.ts';

const DEFAULT_BACKOFF_LIMIT = 6;

/** Runs every Job's pods until as many have succeeded as it asks for, or too many have failed. */
export function reconcileJobs(client: KubeClient, now: () => Date): Promise<void> {
  return reconcileAll(client, JOBS, {
    look: () => client.list(SANDBOX_PODS),
    plan: (job, pods) => planJob(job, pods.items, `${now().toISOString().slice(0, 19)}Z`),
    carryOut: (plan, job) => changePods(client, plan, () => podOfJob(job)),
  });
}

export function planJob(job: Job, pods: readonly SandboxPod[], now: string): PodsPlan {
  const own = ownedBy(job, pods);
  const active = own.filter(isPodActive);
  const succeeded = own.filter(({ status }) => status?.phase === 'Succeeded').length;
  const failed = own.filter(({ status }) => status?.phase === 'Failed').length;
  const { parallelism = 1, completions, backoffLimit = DEFAULT_BACKOFF_LIMIT, suspend = false } = job.spec;
  // Without a number of completions the first success ends it, once all have ended.
  const isComplete = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
  const hasFailed = failed > backoffLimit;
  const end = conditionOf(job) ?? (isComplete ? 'Complete' : hasFailed ? 'Failed' : undefined);
  const missing = completions === undefined ? (succeeded > 0 ? 0 : parallelism) : completions - succeeded;
  const wanted = end !== undefined || suspend ? 0 : Math.min(parallelism, missing);
  return {
    create: Math.max(0, wanted - active.length),
    // Those that ended stay with their logs; those that run for nothing go.
    remove: completions === undefined && end === undefined && !suspend ? [] : active.slice(wanted),
    status: {
      active: Math.min(active.length, wanted),
      ready: active.filter(isPodReady).length,
      succeeded,
      failed,
      ...(job.status?.['startTime'] === undefined && !suspend ? { startTime: now } : {}),
      ...(end === undefined || conditionOf(job) !== undefined ? {} : ended(end, now)),
    },
  };
}

type JobEnd = 'Complete' | 'Failed';

function conditionOf(job: Job): JobEnd | undefined {
  const conditions = (job.status?.['conditions'] ?? []) as readonly { readonly type: string }[]; // as the API has it
  return (['Complete', 'Failed'] as const).find(end => conditions.some(({ type }) => type === end));
}

function ended(end: JobEnd, now: string): Readonly<Record<string, unknown>> {
  const reason = end === 'Failed' ? { reason: 'BackoffLimitExceeded' } : {};
  return {
    conditions: [{ type: end, status: 'True', ...reason, lastTransitionTime: now }],
    ...(end === 'Complete' ? { completionTime: now } : {}),
  };
}

export function podOfJob(job: Job): SandboxPod {
  const { name, namespace, uid = '' } = job.metadata;
  return templatePod(job.spec.template, {
    namespace,
    name: { prefix: `${name}-` },
    owner: referenceTo(JOBS, job),
    labels: { 'controller-uid': uid, 'job-name': name },
  });
}
