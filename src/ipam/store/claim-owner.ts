import type { ClaimOwner, IPAllocationSpec } from '#api';

/**
 * One text for each owner: the IPAMClaim that keeps the address, with the slot; else the workload that keeps it for this of
 * its pods, or the pod by uid, or the container where there is no pod, with network, interface and slot.
 */
export function ownerKey(owner: ClaimOwner): string {
  if (owner.ipamClaim !== undefined) return JSON.stringify([owner.ipamClaim.uid, owner.slot]);
  const { workload } = owner;
  const holder = workload === undefined ? (holderOf(owner) ?? null) : [workload.uid, workload.member ?? ''];
  return JSON.stringify([holder, owner.network, owner.interface, owner.slot]);
}

/** Whether both are the same IPAMClaim, the same attachment of the same of a workload's pods, or the same attachment of the same pod (uid), or of the same container where there is no pod. */
export function isSameOwner(a: ClaimOwner, b: ClaimOwner): boolean {
  return ownerKey(a) === ownerKey(b);
}

/** Whether a pod has, or had, the address of an owner. Only an IPAMClaim's or a workload's goes from one to the next. */
export function isSamePod(a: ClaimOwner, b: ClaimOwner): boolean {
  return holderOf(a) === holderOf(b) && a.network === b.network && a.interface === b.interface;
}

/** Whether a pod is the heir of a claim of the same owner. */
export function isHeir({ owner, heir }: IPAllocationSpec, pod: ClaimOwner): boolean {
  return heir !== undefined && heir.podUid === pod.podUid && isSameOwner(owner, pod);
}

/** Whether two pods of an owner may have its address at a time: those of a virtual machine, while it migrates. */
export function mayMigrate({ workload }: Pick<ClaimOwner, 'workload'>): boolean {
  return workload !== undefined && workload.kind !== 'StatefulSet';
}

/** Whether what a pod remembers of a claim is a share in it: the pod is the heir, and somebody else has the address. */
export function isShare({ owner, heir }: IPAllocationSpec): boolean {
  return heir !== undefined && heir.podUid === owner.podUid;
}

/** For errors: `pod "default/web-0" (network "lan", interface "net1")`. */
export function formatOwner(owner: ClaimOwner): string {
  const holder =
    owner.podName === undefined
      ? `container "${owner.containerId ?? 'unknown'}"`
      : `pod "${owner.podNamespace ?? 'default'}/${owner.podName}"`;
  return `${holder} (network "${owner.network}", interface "${owner.interface}")`;
}

function holderOf(owner: ClaimOwner): string | undefined {
  return owner.podUid ?? owner.containerId;
}
