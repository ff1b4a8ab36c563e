import { codeOf } from '#base';
import type { KubeClient } from '#kube';
import { SANDBOX_PODS, type SandboxPod } from '../resources.ts';

/** Asks for a pod's end, which its node confirms; a grace period of 0 waits for nobody. */
export async function deletePod(client: KubeClient, pod: SandboxPod, gracePeriodSeconds?: number): Promise<void> {
  try {
    const { uid } = pod.metadata;
    await client.delete(SANDBOX_PODS, pod.metadata, {
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    });
  } catch (error) {
    if (!['NotFound', 'Conflict'].includes(codeOf(error))) throw error;
  }
}
