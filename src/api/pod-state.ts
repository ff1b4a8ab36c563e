import type { Pod } from './core.ts';

/** Whether a pod still needs its addresses: only while it is `live`. `gone`: no such object any more. */
export type PodState = 'live' | 'gone' | 'terminating' | 'finished';

/** The state of a pod that is there. */
export function stateOf(pod: Pod): PodState {
  if (pod.metadata.deletionTimestamp !== undefined) return 'terminating';
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' ? 'finished' : 'live';
}
