import * as z from 'zod/mini';
import type { KubeOvnCondition } from './subnet.ts';

/** Conditions of Kube-OVN objects, which are not those of Kubernetes. */
export function conditionsSchema() {
  return z.array(
    z.looseObject({
      type: z.string(),
      status: z.string(),
      reason: z.exactOptional(z.string()),
      message: z.exactOptional(z.string()),
      lastUpdateTime: z.exactOptional(z.string()),
      lastTransitionTime: z.exactOptional(z.string()),
    }) satisfies z.ZodMiniType<KubeOvnCondition>,
  );
}
