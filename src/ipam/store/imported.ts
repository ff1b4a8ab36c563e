import type { IPAllocation, PodState } from '#api';

/** Label of a claim that was made for a pod which got its address from another allocator; the value is whose. */
export const IMPORTED_LABEL = 'underlane.io/imported-from';

/** Whether somebody else has made the interface that a claim is for, or may have: the node's journal does not decide over it. */
export function isImported({ metadata }: IPAllocation): boolean {
  return metadata.labels?.[IMPORTED_LABEL] !== undefined;
}

/**
 * Whether a pod in this state may use a claim's address, as far as no sandbox of the node's journal is bound to it. Nobody
 * says when an interface goes that somebody else has made: until its pod has gone, or finished.
 */
export function mayUse(claim: IPAllocation, pod: PodState): boolean {
  return pod === 'live' || (pod === 'terminating' && isImported(claim));
}
