import { codeOf, type Log } from '#base';
import type { KubeClient } from '#kube';
import { startReconciler } from '../reconciler.ts';
import { SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { type PodState, podStatusPatch } from './pod-status.ts';

/** Keeps one pod's status on the API server as the kubelet last saw it; written behind, newest wins. */
export interface StatusWriter {
  readonly state: PodState;
  set(change: Partial<PodState>): void;
}

export function createStatusWriter(
  client: KubeClient,
  pod: SandboxPod,
  initial: PodState,
  log: Log,
  signal: AbortSignal,
): StatusWriter {
  let state = initial;
  let current = pod;
  const writer = startReconciler({
    name: `status of pod "${pod.metadata.namespace}/${pod.metadata.name}"`,
    log,
    signal,
    async reconcile() {
      try {
        const patch = podStatusPatch(current, state, new Date().toISOString());
        current = await client.mergePatch(SANDBOX_PODS, pod.metadata, patch, { subresource: 'status', signal });
      } catch (error) {
        // The pod, or the one of this uid, is gone: nobody is left to tell.
        if (!['NotFound', 'Conflict'].includes(codeOf(error))) throw error;
      }
    },
  });
  return {
    get state() {
      return state;
    },
    set(change) {
      state = { ...state, ...change };
      writer.trigger();
    },
  };
}
