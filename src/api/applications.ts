import type { Pod } from './core.ts';
import type { KubeObject, Resource } from './object.ts';

/** What makes pods: a Deployment, a StatefulSet, a Job, ..., trimmed to what Underlane reads of any of them. */
export interface Application extends KubeObject {
  readonly spec: ApplicationSpec & {
    /** Of a CronJob. */
    readonly jobTemplate?: { readonly spec?: ApplicationSpec };
  };
  readonly status?: { readonly desiredNumberScheduled?: number };
}

export interface ApplicationSpec {
  readonly replicas?: number;
  /** Of a Job. */
  readonly completions?: number;
  readonly parallelism?: number;
  readonly template?: { readonly metadata?: Partial<Pod['metadata']>; readonly spec?: Partial<Pod['spec']> };
}

export const DEPLOYMENTS: Resource<Application> = resource('apps', 'deployments', 'Deployment');
export const REPLICA_SETS: Resource<Application> = resource('apps', 'replicasets', 'ReplicaSet');
export const DAEMON_SETS: Resource<Application> = resource('apps', 'daemonsets', 'DaemonSet');
export const JOBS: Resource<Application> = resource('batch', 'jobs', 'Job');
export const CRON_JOBS: Resource<Application> = resource('batch', 'cronjobs', 'CronJob');

function resource(group: string, plural: string, kind: string): Resource<Application> {
  return { group, version: 'v1', plural, kind, isNamespaced: true };
}
