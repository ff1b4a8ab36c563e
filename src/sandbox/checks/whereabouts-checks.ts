import { OVERLAPPING_RANGE_IP_RESERVATIONS } from '#api';
import type { KubeClient } from '#kube';
import type { SandboxPod } from '../resources.ts';
import { type Check, checkFailed } from './check.ts';
import { viewCheck } from './view-check.ts';

/** What Whereabouts' own objects say of pods with an address of one of its ranges. */
export function whereaboutsViewChecks(client: KubeClient, pods: readonly SandboxPod[]): Check[] {
  return pods.map(({ metadata: { namespace, name } }) =>
    viewCheck('reservation of Whereabouts shows the pod', null, name, async () => {
      const { items } = await client.list(OVERLAPPING_RANGE_IP_RESERVATIONS);
      if (!items.some(({ spec }) => spec.podref === `${namespace}/${name}`))
        throw checkFailed(`none of ${items.length} OverlappingRangeIPReservations is for pod "${namespace}/${name}"`);
    }),
  );
}
