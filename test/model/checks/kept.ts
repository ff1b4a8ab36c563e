import { IP_ALLOCATIONS, type IPAllocation, IPAM_CLAIMS, type Resource, STATEFUL_SETS } from '#api';
import { isSameOwner } from '#ipam';
import type { World } from '../world.ts';
import { claimsOf, describe, isKept } from './holders.ts';

/** Who keeps addresses from pod to pod. Virtual machines are left out: whose pod it is may change while it runs. */
const KEEPERS: readonly Resource[] = [IPAM_CLAIMS, STATEFUL_SETS];

/**
 * What a pod had is there for the next one: no process gives it back while what keeps it wants it; but for a workload whose pod
 * has taken another. Keepers that somebody changes are left out from then on: who asked them before may act on what they said.
 * @returns what ends it
 */
export function followKept(
  world: Pick<World, 'api' | 'network' | 'nodes' | 'objects' | 'offences' | 'lost'>,
): () => void {
  const { api, network, nodes, objects, offences, lost } = world;
  /** Keepers (uid) that were changed. */
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

  const stops = KEEPERS.map(({ group, plural }) =>
    api.store.subscribe(`${group}/${plural}`, ({ type, object }) => {
      const isChanged = type === 'DELETED' || (type === 'MODIFIED' && plural === STATEFUL_SETS.plural);
      if (isChanged) changed.add(object.metadata.uid ?? '');
    }),
  );
  stops.push(
    // Before its sandboxes end.
    api.store.subscribe('/pods', noteUsed),
    api.store.subscribe('underlane.io/ipallocations', ({ type, previous }) => {
      const { acting } = network;
      // Of a pod that has lost an address, and got another in a second sandbox, nobody can tell which it is to keep.
      if (lost.size > 0) return;
      if (type !== 'DELETED' || acting === undefined || acting.isLate || previous === undefined) return;
      const claim = previous as unknown as IPAllocation; // its schema says so
      const { ipamClaim, workload } = claim.spec.owner;
      const keeper = ipamClaim?.uid ?? (workload?.kind === 'StatefulSet' ? workload.uid : undefined);
      if (keeper === undefined || changed.has(keeper) || !used.has(claim.metadata.uid ?? '')) return;
      const isReplaced = objects
        .list(IP_ALLOCATIONS)
        .some(({ metadata, spec }) => metadata.uid !== claim.metadata.uid && isSameOwner(spec.owner, claim.spec.owner));
      if (isKept(claim, world) && !isReplaced)
        offences.push(`${acting.link.name} gave back ${describe(claim)}, which is kept`);
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}
