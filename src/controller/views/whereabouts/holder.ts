import type { IPAllocation, WhereaboutsAllocation } from '#api';

/**
 * Who holds an address, in Whereabouts' words. A claim belongs to a pod and not to one of its sandboxes: then its UID is the ID.
 * An address that is nobody's, since somebody else on the network answers for it, shows whose MAC that is. No text is empty:
 * some API servers take that for none.
 */
export function holderOf({ spec: { owner, quarantine } }: IPAllocation): Required<WhereaboutsAllocation> {
  const { podNamespace = 'default', podName, podUid, containerId, interface: ifname } = owner;
  if (quarantine !== undefined) return { id: quarantine.mac, podref: 'quarantine', ifname };
  return {
    id: containerId ?? podUid ?? 'unknown',
    podref: podName === undefined ? 'none' : `${podNamespace}/${podName}`,
    ifname,
  };
}
