import { type Pod, stateOf } from '#api';

/** Whether a pod is on its way to get its network: it has a node, and nothing runs yet. Pure. */
export function awaitsAddresses(pod: Pod): boolean {
  const { nodeName, hostNetwork } = pod.spec;
  const isStarting = pod.status?.phase === undefined || pod.status.phase === 'Pending';
  return nodeName !== undefined && nodeName !== '' && hostNetwork !== true && isStarting && stateOf(pod) === 'live';
}
