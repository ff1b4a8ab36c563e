import type { IPAllocation, WhereaboutsAllocation } from '#api';

/**
 * Who holds an address, in Whereabouts' words. A claim belongs to a pod and not to one of its sandboxes: then its UID is the ID.
 * An address that is nobody's, since somebody else on the network answers for it, shows whose MAC that is.
 */
export function holderOf({ spec: { owner, quarantine } }: IPAllocation): Required<WhereaboutsAllocation> {
  const { podNamespace, podName, podUid, containerId } = owner;
  return {
    id: quarantine === undefined ? (containerId ?? podUid ?? '') : `quarantine: ${quarantine.mac}`,
    podref: podName === undefined ? '' : `${podNamespace ?? 'default'}/${podName}`,
    ifname: owner.interface,
  };
}
