import {
  type Application,
  type ApplicationSpec,
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  JOBS,
  REPLICA_SETS,
  type Resource,
  STATEFUL_SETS,
  trimMeta,
} from '#api';
import { createWatchCache, type WatchCache } from '#kube';
import type { ControllerDeps } from '../deps.ts';

/** The controllers of a kind, trimmed to what pools are made by. */
export interface FollowedKind {
  readonly resource: Resource<Application>;
  readonly objects: WatchCache<Application>;
}

/** Kinds of which it is known how many pods their objects have. */
const RESOURCES: readonly Resource<Application>[] = [
  DEPLOYMENTS,
  REPLICA_SETS,
  STATEFUL_SETS as Resource<Application>, // the same fields of the same objects
  DAEMON_SETS,
  JOBS,
  CRON_JOBS,
];

/** Follows what makes pods in the whole cluster until the signal; resolves when all of it is known. */
export async function followApplications(
  { client, log, clock }: Pick<ControllerDeps, 'client' | 'log' | 'clock'>,
  signal: AbortSignal,
): Promise<readonly FollowedKind[]> {
  const kinds = RESOURCES.map(resource => ({
    resource,
    objects: createWatchCache<Application>({ client, resource, transform: trim, isOptional: true, signal, log, clock }),
  }));
  await Promise.all(kinds.map(({ objects }) => objects.ready(signal)));
  return kinds;
}

function trim({ metadata, spec, status }: Application): Application {
  const { jobTemplate } = spec;
  return {
    metadata: trimMeta(metadata),
    spec: {
      ...trimSpec(spec),
      ...(jobTemplate?.spec === undefined ? {} : { jobTemplate: { spec: trimSpec(jobTemplate.spec) } }),
    },
    ...(status?.desiredNumberScheduled === undefined
      ? {}
      : { status: { desiredNumberScheduled: status.desiredNumberScheduled } }),
  };
}

function trimSpec({ replicas, completions, parallelism, template }: ApplicationSpec): ApplicationSpec {
  const annotations = template?.metadata?.annotations;
  return {
    ...(replicas === undefined ? {} : { replicas }),
    ...(completions === undefined ? {} : { completions }),
    ...(parallelism === undefined ? {} : { parallelism }),
    template: {
      ...(annotations === undefined ? {} : { metadata: { annotations } }),
      ...(template?.spec?.hostNetwork === true ? { spec: { hostNetwork: true } } : {}),
    },
  };
}
