import type { SandboxPod } from '../resources.ts';

export function isPodReady(pod: SandboxPod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

/** Whether its containers have ended for good. */
export function isPodFinished({ status }: SandboxPod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

export function isPodTerminating({ metadata }: SandboxPod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Whether it counts as one of its workload's replicas. */
export function isPodActive(pod: SandboxPod): boolean {
  return !isPodTerminating(pod) && !isPodFinished(pod);
}
