import type { IPAllocation, PodState } from '#api';
import { isQuarantineOver } from '#ipam';
import type { NodeVerdict } from './judge-node.ts';

/**
 * Whether the controller may give a claim back in its node's place, as far as node and pod decide: what keeps an address from
 * pod to pod is asked apart. Pure.
 * @param pod the state of the pod that has the claim; `none`: there is none
 */
export function mayCollect(claim: IPAllocation, { frees }: NodeVerdict, pod: PodState | 'none', now: number): boolean {
  if (frees.size === 0 || claim.metadata.deletionTimestamp !== undefined) return false;
  // A quarantine is nobody's, and over when its time is.
  return claim.spec.policy === 'Quarantine' ? isQuarantineOver(claim, now) : frees.has(pod);
}
