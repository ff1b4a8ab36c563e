import { IP_ALLOCATIONS, type IPAllocation, PODS, stateOf } from '#api';
import { isSameOwner } from '#ipam';
import type { World } from '../world.ts';
import { findWrong } from './find-broken.ts';
import { claimsOf, describe, isInInterface, isKept, isOfPod } from './holders.ts';

/**
 * What must hold when everything has come to rest: every pod that lives has what it asked for, and nothing else is held but
 * for what IPAMClaims, StatefulSets and virtual machines keep. @returns what does not hold
 */
export function findLeft(world: World): string | undefined {
  return (
    findLeftInJournals(world) ??
    findLeftClaim(world) ??
    findWaitingHeir(world) ??
    findTwice(world) ??
    findWithout(world)
  );
}

function findLeftInJournals(world: World): string | undefined {
  const { objects, nodes, lost } = world;
  for (const { name, machine } of nodes) {
    for (const entry of machine.journal.values()) {
      const { containerId } = entry.key;
      if (entry.state !== 'added') return `${name}: the entry of ${containerId} is ${entry.state}`;
      if (!objects.isLive(entry.pod?.uid ?? ''))
        return `${name}: ${containerId} is of pod ${entry.pod?.name}, which does not live`;
      for (const lease of claimsOf(entry)) {
        if (machine.down.has(`${entry.nonce}/${lease.ref.name}`)) continue;
        const wrong = findWrong(entry, lease, world);
        if (wrong !== undefined)
          return `${name}: ${containerId} of pod ${entry.pod?.name} has ${lease.ref.name} (${lease.ref.uid}), but ${wrong}`;
      }
    }
    for (const { name: claim, uid } of machine.queue.values()) {
      if (objects.find(IP_ALLOCATIONS, claim)?.metadata.uid !== uid && !lost.has(uid))
        return `${name}: ${claim} (${uid}) is queued, which has gone`;
    }
  }
  return undefined;
}

function findLeftClaim(world: World): string | undefined {
  const isUsed = (claim: IPAllocation): boolean =>
    world.nodes.some(({ machine }) =>
      [...machine.journal.values()].some(
        entry =>
          claimsOf(entry).some(({ ref }) => ref.uid === claim.metadata.uid) && isOfPod(claim, entry.pod?.uid, world),
      ),
    );
  const left = world.objects
    .list(IP_ALLOCATIONS)
    .find(claim => !isUsed(claim) && !isKept(claim, world) && !isInInterface(claim, world));
  return left === undefined ? undefined : `nobody uses ${describe(left)}`;
}

/** When the pod that a virtual machine comes from has ended, its address is the other's, and that one's node gives it back. */
function findWaitingHeir({ objects }: World): string | undefined {
  const waiting = objects
    .list(IP_ALLOCATIONS)
    .find(
      ({ spec: { owner, heir } }) =>
        heir !== undefined && objects.isLive(heir.podUid) && !objects.isLive(owner.podUid ?? ''),
    );
  return waiting === undefined ? undefined : `${describe(waiting)} has not gone over to its heir`;
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
    const node = nodes.find(other => other.name === pod.spec.nodeName);
    if (node === undefined || stateOf(pod) !== 'live') continue;
    const up = node.sandboxes.list.filter(sandbox => sandbox.pod.uid === uid && sandbox.state === 'up');
    if (up.length !== 1) return `pod ${name} (${uid}) lives on ${node.name} and has ${up.length} sandboxes`;
  }
  return undefined;
}
