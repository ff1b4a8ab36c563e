import {
  hasMember,
  type IPAllocation,
  IPAM_CLAIMS,
  STATEFUL_SETS,
  VIRTUAL_MACHINE_INSTANCES,
  VIRTUAL_MACHINES,
} from '#api';
import type { JournalEntry, Lease } from '#attach';
import { isTarget } from '../cluster/manifests.ts';
import type { World } from '../world.ts';

export type ClaimLease = Extract<Lease, { readonly kind: 'claim' }>;

export function claimsOf({ attachments }: JournalEntry): readonly ClaimLease[] {
  return attachments.flatMap(({ leases }) => leases.flatMap(lease => (lease.kind === 'claim' ? [lease] : [])));
}

/**
 * Whether a claim is a pod's: as its owner, or as the heir of one, where a virtual machine migrates between both.
 */
export function isOfPod({ spec }: IPAllocation, podUid: string | undefined, { objects }: World): boolean {
  if (spec.owner.podUid === podUid) return true;
  if (podUid === undefined || spec.heir?.podUid !== podUid) return false;
  // One of both migrates to where the machine is, or comes from there: the other way round where the claim was made anew.
  const pods = [podUid, spec.owner.podUid ?? ''].flatMap(uid => objects.podOf(uid) ?? []);
  return pods.length < 2 || pods.some(isTarget);
}

/** Whether something keeps a claim for the next pod: an IPAMClaim, a StatefulSet or a virtual machine. */
export function isKept({ spec }: IPAllocation, { objects }: Pick<World, 'objects'>): boolean {
  const { ipamClaim, workload } = spec.owner;
  if (workload?.kind === 'StatefulSet') {
    const set = objects.find(STATEFUL_SETS, workload.name);
    return set?.metadata.uid === workload.uid && hasMember(set, workload.member ?? '');
  }
  if (workload !== undefined) {
    const kind = workload.kind === 'VirtualMachine' ? VIRTUAL_MACHINES : VIRTUAL_MACHINE_INSTANCES;
    return objects.find(kind, workload.name)?.metadata.uid === workload.uid;
  }
  const keeper = ipamClaim === undefined ? undefined : objects.find(IPAM_CLAIMS, ipamClaim.name);
  return keeper?.metadata.uid === ipamClaim?.uid && keeper?.status?.ips?.includes(spec.address) === true;
}

/** Of a former holder who lost it, and whose interface was set down: the address is not given back before that has gone. */
export function isInInterface({ metadata, spec }: IPAllocation, { nodes }: World): boolean {
  const node = nodes.find(({ name }) => name === spec.node);
  const entries = [...(node?.machine.journal.values() ?? [])];
  return entries.some(({ nonce }) => node?.machine.down.has(`${nonce}/${metadata.name}`));
}

export function describe({ metadata, spec }: IPAllocation): string {
  const { podName, podUid } = spec.owner;
  const whose = spec.policy === 'Quarantine' ? 'in quarantine' : `of pod ${podName} (${podUid})`;
  return `${metadata.name} (${metadata.uid}) ${whose} on ${spec.node}`;
}
