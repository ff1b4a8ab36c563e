import type { Application, ApplicationSpec } from '#api';

/** How many addresses a pool is to have. */
export interface CountRule {
  /** `+2`: so many more than pods; else so many in all. */
  readonly isRelative: boolean;
  readonly number: number;
}

/** Without an annotation one address more than pods: a rolling update starts a pod before it stops one. */
export const DEFAULT_COUNT: CountRule = { isRelative: true, number: 1 };

/** Reads `ipam.spidernet.io/ippool-ip-number`: `2` or `+2`. undefined where it is neither. */
export function parseCount(text: string): CountRule | undefined {
  const [, plus, digits] = /^(\+?)(\d{1,6})$/.exec(text.trim()) ?? [];
  return digits === undefined ? undefined : { isRelative: plus === '+', number: Number(digits) };
}

/** How many addresses that comes to; undefined where nobody knows how many pods there are to be. */
export function wantedCount({ isRelative, number }: CountRule, pods: number | undefined): number | undefined {
  if (!isRelative) return number;
  return pods === undefined ? undefined : pods + number;
}

/** How many pods a controller is to have, by its kind. */
export function podCountOf(kind: string, { spec, status }: Application): number | undefined {
  switch (kind) {
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
      return spec.replicas ?? 1;
    case 'DaemonSet':
      return status?.desiredNumberScheduled ?? 0;
    case 'Job':
      return podsOfJob(spec);
    case 'CronJob':
      return podsOfJob(spec.jobTemplate?.spec ?? {});
    default:
      return undefined;
  }
}

function podsOfJob({ completions, parallelism }: ApplicationSpec): number {
  return Math.max(completions ?? parallelism ?? 1, 1);
}
