import type { KubeClient } from '#kube';
import { SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { deletePod } from './delete-pod.ts';
import type { ObjectPlan } from './reconcile-all.ts';

/** What a workload has to do about its pods, one of which is as good as another. */
export interface PodsPlan extends ObjectPlan {
  /** How many pods it lacks. */
  readonly create: number;
  readonly remove: readonly SandboxPod[];
}

/** @param podOf each time another pod of the workload */
export async function changePods(client: KubeClient, plan: PodsPlan, podOf: () => SandboxPod): Promise<void> {
  for (const pod of plan.remove) await deletePod(client, pod);
  for (let made = 0; made < plan.create; made++) await client.create(SANDBOX_PODS, podOf());
}
