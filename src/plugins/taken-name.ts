import type { NsFacts } from '#facts';
import { PlanError } from './errors.ts';

/** @throws PlanError INTERFACE_TAKEN when the pod has a link of that name already */
export function refuseTakenName(type: string, ifname: string, pod: NsFacts): void {
  const taken = pod.links.find(link => link.name === ifname);
  if (taken === undefined) return;
  throw new PlanError(
    'INTERFACE_TAKEN',
    `Cannot plan ${type} "${ifname}": the pod already has a ${taken.kind ?? 'physical'} link of that name, expected a free name`,
    { details: { ifname, kind: taken.kind } },
  );
}
