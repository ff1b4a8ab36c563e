import type { ClaimOwner } from '#api';

/** One text for each owner: the pod by uid, or the container where there is no pod, with network, interface and slot. */
export function ownerKey(owner: ClaimOwner): string {
  return JSON.stringify([holderOf(owner) ?? null, owner.network, owner.interface, owner.slot]);
}

/** Whether both are the same attachment of the same pod (uid), or of the same container where there is no pod. */
export function isSameOwner(a: ClaimOwner, b: ClaimOwner): boolean {
  return ownerKey(a) === ownerKey(b);
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
