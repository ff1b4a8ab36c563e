import type { IPAllocation, WhereaboutsAllocation } from '#api';

/** Who holds an address, in Whereabouts' words. A claim belongs to a pod and not to one of its sandboxes: then its UID is the ID. */
export function holderOf({ spec: { owner } }: IPAllocation): Required<WhereaboutsAllocation> {
  const { podNamespace, podName, podUid, containerId } = owner;
  return {
    id: containerId ?? podUid ?? '',
    podref: podName === undefined ? '' : `${podNamespace ?? 'default'}/${podName}`,
    ifname: owner.interface,
  };
}
