import { hasMember, IP_ALLOCATIONS, type IPAllocation, IPAM_CLAIMS, PODS, STATEFUL_SETS, stateOf } from '#api';
import type { JournalEntry, Lease } from '#attach';
import { isSameOwner } from '#ipam';
import type { World } from './world.ts';

/**
 * What must hold at every moment: each address that is in some pod's interface is held by the very claim that its journal
 * names, and that claim is the pod's. One name is one object, so no two pods have one address then.
 *
 * Not of interfaces that were set down; of claims that somebody took away by hand, until their holder knows; of a kept address
 * whose pod has ended, which is the next pod's from then on.
 * @returns what does not hold
 */
export function findBroken(world: World): string | undefined {
  for (const { machine } of world.nodes) {
    for (const entry of machine.journal.values()) {
      if (!machine.wired.has(entry.nonce)) continue;
      for (const lease of claimsOf(entry)) {
        if (machine.down.has(`${entry.nonce}/${lease.ref.name}`) || world.tampered.has(lease.ref.uid)) continue;
        const broken = judge(entry, lease, world);
        if (broken !== undefined)
          return `${machine.name}: sandbox ${entry.key.containerId} of pod ${entry.pod?.name} (${entry.pod?.uid}) has ${lease.ref.name} (${lease.ref.uid}), but ${broken}`;
      }
    }
  }
  return undefined;
}

type ClaimLease = Extract<Lease, { readonly kind: 'claim' }>;

function claimsOf({ attachments }: JournalEntry): readonly ClaimLease[] {
  return attachments.flatMap(({ leases }) => leases.flatMap(lease => (lease.kind === 'claim' ? [lease] : [])));
}

function judge({ pod }: JournalEntry, { ref, spec }: ClaimLease, { objects }: World): string | undefined {
  const claim = objects.find(IP_ALLOCATIONS, ref.name);
  if (claim !== undefined && claim.metadata.uid === ref.uid && claim.spec.owner.podUid === pod?.uid) return undefined;
  if (spec.policy === 'Sticky' && !objects.isLive(pod?.uid ?? '')) return undefined;
  return claim === undefined ? 'there is no such claim' : `that is ${describe(claim)}`;
}

function describe({ metadata, spec }: IPAllocation): string {
  const { podName, podUid } = spec.owner;
  return `${metadata.name} (${metadata.uid}) of pod ${podName} (${podUid}) on ${spec.node}`;
}

/**
 * What must hold when everything has come to rest: every pod that lives has what it asked for, and nothing else is held but
 * for what IPAMClaims keep. @returns what does not hold
 */
export function findLeft(world: World): string | undefined {
  const { objects, nodes } = world;
  const used = new Set<string>();
  for (const { name, machine } of nodes) {
    for (const entry of machine.journal.values()) {
      if (entry.state !== 'added') return `${name}: the entry of ${entry.key.containerId} is ${entry.state}`;
      if (!objects.isLive(entry.pod?.uid ?? ''))
        return `${name}: ${entry.key.containerId} is of pod ${entry.pod?.name}, which does not live`;
      for (const lease of claimsOf(entry)) {
        if (machine.down.has(`${entry.nonce}/${lease.ref.name}`)) continue;
        const broken = judge(entry, lease, world);
        if (broken !== undefined)
          return `${name}: ${entry.key.containerId} of pod ${entry.pod?.name} has ${lease.ref.name} (${lease.ref.uid}), but ${broken}`;
        used.add(lease.ref.uid);
      }
    }
    for (const ref of machine.queue.values()) {
      const claim = objects.find(IP_ALLOCATIONS, ref.name);
      if (claim?.metadata.uid !== ref.uid && !world.tampered.has(ref.uid))
        return `${name}: ${ref.name} (${ref.uid}) is queued, which has gone`;
    }
  }
  for (const claim of objects.list(IP_ALLOCATIONS)) {
    if (used.has(claim.metadata.uid ?? '') || isKept(claim, world) || isInInterface(claim, world)) continue;
    return `nobody uses ${describe(claim)}`;
  }
  return findTwice(world) ?? findWithout(world);
}

function isKept({ spec }: IPAllocation, { objects }: World): boolean {
  const { ipamClaim, workload } = spec.owner;
  if (workload !== undefined) {
    const set = objects.find(STATEFUL_SETS, workload.name);
    return set?.metadata.uid === workload.uid && hasMember(set, workload.member ?? '');
  }
  const keeper = ipamClaim === undefined ? undefined : objects.find(IPAM_CLAIMS, ipamClaim.name);
  return keeper?.metadata.uid === ipamClaim?.uid && keeper?.status?.ips?.includes(spec.address) === true;
}

/** Of a former holder who lost it, and whose interface was set down: the address is not given back before that has gone. */
function isInInterface({ metadata, spec }: IPAllocation, { nodes }: World): boolean {
  const node = nodes.find(({ name }) => name === spec.node);
  const entries = [...(node?.machine.journal.values() ?? [])];
  return entries.some(({ nonce }) => node?.machine.down.has(`${nonce}/${metadata.name}`));
}

function findTwice(world: World): string | undefined {
  // What is kept for the next pod goes when that one has taken another.
  const isWaiting = (claim: IPAllocation): boolean =>
    isKept(claim, world) && !world.objects.isLive(claim.spec.owner.podUid ?? '');
  const claims = world.objects.list(IP_ALLOCATIONS).filter(claim => !isInInterface(claim, world) && !isWaiting(claim));
  for (const [index, claim] of claims.entries()) {
    const other = claims.slice(index + 1).find(({ spec }) => isSameOwner(spec.owner, claim.spec.owner));
    if (other !== undefined) return `${describe(claim)} and ${describe(other)} are of one owner`;
  }
  return undefined;
}

function findWithout({ objects, nodes }: World): string | undefined {
  for (const pod of objects.list(PODS)) {
    const { name, uid } = pod.metadata;
    const node = nodes.find(({ name }) => name === pod.spec.nodeName);
    if (node === undefined || stateOf(pod) !== 'live') continue;
    const up = node.sandboxes.filter(sandbox => sandbox.pod.uid === uid && sandbox.state === 'up');
    if (up.length !== 1) return `pod ${name} (${uid}) lives on ${node.name} and has ${up.length} sandboxes`;
  }
  return undefined;
}
