import { IP_ALLOCATIONS } from '#api';
import type { JournalEntry } from '#attach';
import type { World } from '../world.ts';
import { type ClaimLease, claimsOf, describe, isOfPod } from './holders.ts';

/**
 * What must hold at every moment: each address that is in some pod's interface is held by the very claim that its journal
 * names, and that claim is the pod's. One name is one object, so no two pods have one address then, but for the two in which a
 * virtual machine is while it migrates. And where the network is asked, nobody begins to use what a stranger has.
 *
 * Not of interfaces that were set down; of claims that were taken away, until their holder knows; of a kept address whose pod
 * has ended, which is the next pod's from then on.
 * @returns what does not hold
 */
export function findBroken(world: World): string | undefined {
  for (const { machine } of world.nodes) {
    for (const entry of machine.journal.values()) {
      if (!machine.wired.has(entry.nonce)) continue;
      const whose = `${machine.name}: sandbox ${entry.key.containerId} of pod ${entry.pod?.name} (${entry.pod?.uid})`;
      for (const lease of claimsOf(entry)) {
        if (machine.down.has(`${entry.nonce}/${lease.ref.name}`) || isLost(entry, lease, world)) continue;
        const broken = findWrong(entry, lease, world);
        if (broken !== undefined) return `${whose} has ${lease.ref.name} (${lease.ref.uid}), but ${broken}`;
        const [address = ''] = lease.spec.address.split('/');
        if (world.neighbours.isUsedInSpite(address, entry.nonce)) return `${whose} has ${address}, as a stranger does`;
      }
    }
  }
  return world.offences[0];
}

function isLost({ pod }: JournalEntry, { ref: { uid } }: ClaimLease, { lost }: World): boolean {
  return lost.has(uid) || lost.has(`${uid} ${pod?.uid}`);
}

/** @returns what is wrong with an entry's claim */
export function findWrong({ pod }: JournalEntry, { ref, spec }: ClaimLease, world: World): string | undefined {
  const claim = world.objects.find(IP_ALLOCATIONS, ref.name);
  if (claim !== undefined && claim.metadata.uid === ref.uid && isOfPod(claim, pod?.uid, world)) return undefined;
  if (spec.policy === 'Sticky' && !world.objects.isLive(pod?.uid ?? '')) return undefined;
  return claim === undefined ? 'there is no such claim' : `that is ${describe(claim)}`;
}
