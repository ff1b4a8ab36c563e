import { defineResource } from './define-resource.ts';
import type { JsonObject } from './json.ts';
import { objectOr, textAt, valueAt } from './json.ts';
import type { ServedResource } from './served-resource.ts';
import { SPECIFIED } from './usual-rules.ts';
import {
  CRON_JOB_COLUMNS,
  DAEMON_SET_COLUMNS,
  DEPLOYMENT_COLUMNS,
  JOB_COLUMNS,
  REPLICA_SET_COLUMNS,
  STATEFUL_SET_COLUMNS,
} from './workload-columns.ts';

/** What makes pods: `apps` and `batch`. */
export function workloadResources(): readonly ServedResource[] {
  return [
    define('apps', 'deployments', 'Deployment', 'deploy', DEPLOYMENT_COLUMNS, withDeploymentDefaults),
    define('apps', 'replicasets', 'ReplicaSet', 'rs', REPLICA_SET_COLUMNS, withReplicaSetDefaults),
    define('apps', 'statefulsets', 'StatefulSet', 'sts', STATEFUL_SET_COLUMNS, withStatefulSetDefaults),
    define('apps', 'daemonsets', 'DaemonSet', 'ds', DAEMON_SET_COLUMNS, withDaemonSetDefaults),
    define('batch', 'jobs', 'Job', undefined, JOB_COLUMNS, withJobDefaults),
    define('batch', 'cronjobs', 'CronJob', 'cj', CRON_JOB_COLUMNS, withCronJobDefaults),
  ];
}

/** Kinds that `kubectl scale` scales. */
const SCALABLE = ['Deployment', 'ReplicaSet', 'StatefulSet'];

function define(
  group: string,
  plural: string,
  kind: string,
  shortName: string | undefined,
  columns: ServedResource['columns'],
  withSpecDefaults: (spec: JsonObject, workload: JsonObject) => JsonObject,
): ServedResource {
  const applyDefaults = (workload: JsonObject): JsonObject => ({
    ...workload,
    spec: withSpecDefaults(objectOr(workload['spec']), workload),
    status: {
      ...(kind === 'ReplicaSet' || kind === 'StatefulSet' ? { replicas: 0 } : {}),
      ...objectOr(workload['status']),
    },
  });
  const shortNames = shortName === undefined ? [] : [shortName];
  const subresources = ['status', ...(SCALABLE.includes(kind) ? (['scale'] as const) : [])] as const;
  const rules = { ...SPECIFIED, applyDefaults };
  return { ...defineResource(plural, kind, shortNames, columns, rules, subresources, { categories: ['all'] }), group };
}

function withDeploymentDefaults(spec: JsonObject): JsonObject {
  const usual = { maxUnavailable: '25%', maxSurge: '25%' };
  return {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    ...spec,
    strategy: withRolling(spec['strategy'], usual),
  };
}

function withReplicaSetDefaults(spec: JsonObject): JsonObject {
  return { replicas: 1, ...spec };
}

function withStatefulSetDefaults(spec: JsonObject): JsonObject {
  return {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    revisionHistoryLimit: 10,
    ...spec,
    updateStrategy: withRolling(spec['updateStrategy'], { partition: 0 }),
  };
}

function withDaemonSetDefaults(spec: JsonObject): JsonObject {
  return {
    revisionHistoryLimit: 10,
    ...spec,
    updateStrategy: withRolling(spec['updateStrategy'], { maxUnavailable: 1 }),
  };
}

/** A strategy rolls unless it says otherwise, and then has numbers. */
function withRolling(strategy: unknown, usual: JsonObject): JsonObject {
  const given = { type: 'RollingUpdate', ...objectOr(strategy) };
  if (given.type !== 'RollingUpdate') return given;
  return { ...given, rollingUpdate: { ...usual, ...objectOr(valueAt(given, 'rollingUpdate')) } };
}

/** A Job that names no selector gets one, by its own uid. */
function withJobDefaults(spec: JsonObject, job: JsonObject): JsonObject {
  // Without any number it runs once; a number of pods alone is a queue that ends with the first success.
  const once = spec['completions'] === undefined && spec['parallelism'] === undefined ? { completions: 1 } : {};
  const filled = { ...once, parallelism: 1, backoffLimit: 6, ...spec };
  const [uid, name] = [textAt(job, 'metadata.uid'), textAt(job, 'metadata.name')];
  if (uid === '' || valueAt(spec, 'selector.matchLabels') !== undefined) return filled;
  const template = objectOr(spec['template']);
  const metadata = objectOr(template['metadata']);
  const labels = { ...objectOr(metadata['labels']), 'controller-uid': uid, 'job-name': name };
  return {
    ...filled,
    selector: { matchLabels: { 'controller-uid': uid } },
    template: { ...template, metadata: { ...metadata, labels } },
  };
}

function withCronJobDefaults(spec: JsonObject): JsonObject {
  return {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    ...spec,
  };
}
