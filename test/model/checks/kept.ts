import { IP_ALLOCATIONS, type IPAllocation, STATEFUL_SETS } from '#api';
import { isSameOwner } from '#ipam';
import type { World } from '../world.ts';
import { claimsOf, describe, isKept } from './holders.ts';

/**
 * What is there for the next pod no process gives back: an address that an IPAMClaim names, and one that a StatefulSet's pod
 * had in its interface when it ended. Virtual machines are left out: whose pod it is may change while it runs.
 * @returns what ends it
 */
export function followKept(
  world: Pick<World, 'api' | 'network' | 'nodes' | 'objects' | 'offences' | 'lost'>,
): () => void {
  const { api, network, nodes, objects, offences, lost } = world;
  /** StatefulSets (uid) that somebody has changed: who asked them before may act on what they said. */
  const changed = new Set<string>();
  /** Claims (uid) that pods have had in their interfaces. */
  const used = new Set<string>();

  function noteUsed(): void {
    for (const { machine } of nodes) {
      for (const entry of machine.journal.values()) {
        if (entry.state === 'added') for (const { ref } of claimsOf(entry)) used.add(ref.uid);
      }
    }
  }

  /** Whether a StatefulSet has not that pod's address any more, though it has the pod. */
  function mayGo({ metadata, spec: { owner } }: IPAllocation): boolean {
    if (changed.has(owner.workload?.uid ?? '') || !used.has(metadata.uid ?? '')) return true;
    // Its pod goes on without it: its pools were changed.
    if (objects.isLive(owner.podUid ?? '')) return true;
    // Of a pod that has lost an address, and got another in a second sandbox, nobody can tell which it is to keep.
    if (lost.size > 0) return true;
    const others = objects.list(IP_ALLOCATIONS).filter(other => other.metadata.uid !== metadata.uid);
    return others.some(({ spec }) => isSameOwner(spec.owner, owner));
  }

  const stops = [
    api.store.subscribe(`${STATEFUL_SETS.group}/${STATEFUL_SETS.plural}`, ({ type, object }) => {
      if (type !== 'ADDED') changed.add(object.metadata.uid ?? '');
    }),
    // Before its sandboxes end.
    api.store.subscribe('/pods', noteUsed),
    api.store.subscribe('underlane.io/ipallocations', ({ type, previous }) => {
      const { acting } = network;
      if (type !== 'DELETED' || acting === undefined || acting.isLate || previous === undefined) return;
      const claim = previous as unknown as IPAllocation; // its schema says so
      const { ipamClaim, workload } = claim.spec.owner;
      if (ipamClaim === undefined && (workload?.kind !== 'StatefulSet' || mayGo(claim))) return;
      if (isKept(claim, world)) offences.push(`${acting.link.name} gave back ${describe(claim)}, which is kept`);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
