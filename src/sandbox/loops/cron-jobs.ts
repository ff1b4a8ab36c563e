import { codeOf } from '#base';
import type { KubeClient } from '#kube';
import { CRON_JOBS, type CronJob, JOBS, type Job } from '../workloads.ts';
import { lastDue, parseSchedule } from './cron-schedule.ts';
import { ownedBy, referenceTo } from './ownership.ts';
import { reconcileAll } from './reconcile-all.ts';

/** Starts a Job for every CronJob that is due, and removes those of long ago. */
export function reconcileCronJobs(client: KubeClient, now: () => Date): Promise<void> {
  return reconcileAll(client, CRON_JOBS, {
    look: () => client.list(JOBS),
    plan: (cronJob, jobs) => planCronJob(cronJob, jobs.items, now()),
    async carryOut({ create, remove }) {
      for (const job of remove) await unlessDone(client.delete(JOBS, job.metadata));
      if (create !== undefined) await unlessDone(client.create(JOBS, create));
    },
  });
}

export interface CronJobPlan {
  readonly create: Job | undefined;
  readonly remove: readonly Job[];
  readonly status: Readonly<Record<string, unknown>>;
}

/** Of several times that were missed only the last is made up for. @throws Error for a schedule that cannot be read */
export function planCronJob(cronJob: CronJob, jobs: readonly Job[], now: Date): CronJobPlan {
  const { metadata, spec } = cronJob;
  const own = ownedBy(cronJob, jobs);
  const active = own.filter(job => endOf(job) === undefined);
  const lastTime = cronJob.status?.lastScheduleTime;
  const since = new Date(lastTime ?? metadata.creationTimestamp ?? now);
  const due = spec.suspend === true ? undefined : lastDue(parseSchedule(spec.schedule), since, now);
  const { concurrencyPolicy = 'Allow', startingDeadlineSeconds = Number.POSITIVE_INFINITY } = spec;
  const isLate = due !== undefined && now.getTime() - due.getTime() > startingDeadlineSeconds * 1000;
  const isHeldUp = concurrencyPolicy === 'Forbid' && active.length > 0;
  const starts = due === undefined || isLate || isHeldUp ? undefined : due;
  const replaced = starts !== undefined && concurrencyPolicy === 'Replace' ? active : [];
  return {
    create: starts === undefined ? undefined : jobOf(cronJob, starts),
    remove: [
      ...replaced,
      ...tooOld(own, 'Complete', spec.successfulJobsHistoryLimit ?? 3),
      ...tooOld(own, 'Failed', spec.failedJobsHistoryLimit ?? 1),
    ],
    status: {
      active: active
        .filter(job => !replaced.includes(job))
        .map(({ metadata: { name, namespace, uid } }) => ({
          apiVersion: 'batch/v1',
          kind: 'Job',
          name,
          namespace,
          uid,
        })),
      ...(starts === undefined ? {} : { lastScheduleTime: toTime(starts) }),
    },
  };
}

/** Named by its time: whoever makes it twice makes one. */
function jobOf(cronJob: CronJob, at: Date): Job {
  const { name, namespace = 'default' } = cronJob.metadata;
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const annotations = { ...metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': toTime(at) };
  return {
    metadata: {
      name: `${name}-${at.getTime() / 60_000}`,
      namespace,
      annotations,
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      ownerReferences: [referenceTo(CRON_JOBS, cronJob)],
    },
    spec,
  };
}

type JobEnd = 'Complete' | 'Failed';

function endOf({ status }: Job): JobEnd | undefined {
  const conditions = (status?.['conditions'] ?? []) as readonly { readonly type: string; readonly status: string }[]; // as the API has it
  return (['Complete', 'Failed'] as const).find(end =>
    conditions.some(({ type, status: is }) => type === end && is === 'True'),
  );
}

function tooOld(jobs: readonly Job[], end: JobEnd, limit: number): readonly Job[] {
  const age = ({ metadata }: Job): number => Date.parse(metadata.creationTimestamp ?? '');
  return jobs
    .filter(job => endOf(job) === end)
    .sort((a, b) => age(b) - age(a) || b.metadata.name.localeCompare(a.metadata.name, 'en', { numeric: true }))
    .slice(limit);
}

function toTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Somebody may have been faster, or an earlier attempt of ours came through. */
async function unlessDone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!['AlreadyExists', 'NotFound'].includes(codeOf(error))) throw error;
  }
}
