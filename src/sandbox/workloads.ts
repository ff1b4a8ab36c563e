import type { KubeObject, Resource } from '#api';
import type { PodTemplate } from './resources.ts';

/** What makes pods, as far as the sandbox's loops look at it. */
export interface Workload extends KubeObject {
  readonly spec: {
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template: PodTemplate;
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface Deployment extends Workload {
  readonly spec: Workload['spec'] & {
    readonly replicas?: number;
    readonly revisionHistoryLimit?: number;
    readonly strategy?: {
      readonly type?: string;
      readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string };
    };
  };
}

export interface ReplicaSet extends Workload {
  readonly spec: Workload['spec'] & { readonly replicas?: number };
}

export interface StatefulSet extends Workload {
  readonly spec: Workload['spec'] & {
    readonly replicas?: number;
    readonly serviceName?: string;
    readonly podManagementPolicy?: string;
    readonly ordinals?: { readonly start?: number };
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } };
  };
}

export type DaemonSet = Workload;

export interface Job extends Workload {
  readonly spec: Workload['spec'] & {
    readonly parallelism?: number;
    readonly completions?: number;
    readonly backoffLimit?: number;
    readonly suspend?: boolean;
  };
}

export interface CronJob extends KubeObject {
  readonly spec: {
    readonly schedule: string;
    readonly suspend?: boolean;
    readonly concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace';
    readonly startingDeadlineSeconds?: number;
    readonly successfulJobsHistoryLimit?: number;
    readonly failedJobsHistoryLimit?: number;
    readonly jobTemplate: { readonly metadata?: PodTemplate['metadata']; readonly spec: Job['spec'] };
  };
  readonly status?: { readonly lastScheduleTime?: string };
}

export const DEPLOYMENTS: Resource<Deployment> = apps('deployments', 'Deployment');
export const REPLICA_SETS: Resource<ReplicaSet> = apps('replicasets', 'ReplicaSet');
export const STATEFUL_SETS: Resource<StatefulSet> = apps('statefulsets', 'StatefulSet');
export const DAEMON_SETS: Resource<DaemonSet> = apps('daemonsets', 'DaemonSet');
export const JOBS: Resource<Job> = { ...apps('jobs', 'Job'), group: 'batch' };
export const CRON_JOBS: Resource<CronJob> = { ...apps('cronjobs', 'CronJob'), group: 'batch' };

function apps<T extends KubeObject>(plural: string, kind: string): Resource<T> {
  return { group: 'apps', version: 'v1', plural, kind, isNamespaced: true };
}
