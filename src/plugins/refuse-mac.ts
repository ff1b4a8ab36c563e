import { readMac } from '#ip';
import { PlanError } from './errors.ts';
import type { AttachmentSpec } from './plugin.ts';

/**
 * For links whose MAC is not ours to choose: another one cannot be had, and must not be promised.
 * @param why `an ipvlan has the MAC of its master "eth0"`
 * @throws PlanError MAC_INVALID when the pod asks for another MAC than `given`
 */
export function refuseOtherMac(type: string, attachment: AttachmentSpec, given: string | undefined, why: string): void {
  if (attachment.mac === undefined || readMac(attachment.mac) === given) return;
  throw new PlanError(
    'MAC_INVALID',
    `Cannot plan ${type} "${attachment.ifname}": requested MAC is "${attachment.mac}", expected none, since ${why}`,
  );
}
