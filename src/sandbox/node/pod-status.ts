import type { Condition, SandboxPod } from '../resources.ts';

/** What the kubelet knows about a pod and the API server should. */
export interface PodState {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly hostIps: readonly string[];
  readonly ips: readonly string[];
  readonly isReady: boolean;
  readonly reason?: string;
  readonly startedAt?: string;
  readonly restarts: number;
  /** That the containers ended for good. */
  readonly ended?: { readonly exitCode: number; readonly at: string };
  readonly containerId?: string;
}

/** The body of a merge patch on `pods/status`: fields that somebody else writes are not in it. */
export function podStatusPatch(pod: SandboxPod, state: PodState, now: string): unknown {
  const { isReady, ips, hostIps, startedAt } = state;
  const conditions: Condition[] = [
    condition('PodScheduled', true),
    condition('Initialized', true),
    condition('ContainersReady', isReady, state.reason),
    condition('Ready', isReady, state.reason),
  ].map(wanted => keepTransitionTime(wanted, pod.status?.conditions, now));
  return {
    metadata: { uid: pod.metadata.uid },
    status: {
      phase: state.phase,
      ...(hostIps[0] === undefined ? {} : { hostIP: hostIps[0], hostIPs: hostIps.map(ip => ({ ip })) }),
      ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map(ip => ({ ip })) }),
      startTime: pod.status?.['startTime'] ?? now,
      conditions,
      containerStatuses: (pod.spec.containers ?? []).map(container => ({
        name: container.name,
        image: container.image ?? '',
        imageID: '',
        ready: isReady,
        started: startedAt !== undefined && state.ended === undefined,
        restartCount: state.restarts,
        ...(state.containerId === undefined ? {} : { containerID: `sandbox://${state.containerId}` }),
        state: containerState(state),
      })),
    },
  };
}

function containerState({ startedAt, ended }: PodState): unknown {
  if (startedAt === undefined) return { waiting: { reason: 'ContainerCreating' } };
  if (ended === undefined) return { running: { startedAt } };
  const { exitCode, at } = ended;
  return { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt, finishedAt: at } };
}

function condition(type: string, isTrue: boolean, reason?: string): Condition {
  return {
    type,
    status: isTrue ? 'True' : 'False',
    ...(isTrue || reason === undefined ? {} : { reason: 'ContainersNotReady', message: reason }),
  };
}

function keepTransitionTime(wanted: Condition, current: readonly Condition[] | undefined, now: string): Condition {
  const previous = current?.find(({ type }) => type === wanted.type);
  const lastTransitionTime = previous?.status === wanted.status ? (previous.lastTransitionTime ?? now) : now;
  return { ...wanted, lastTransitionTime };
}
