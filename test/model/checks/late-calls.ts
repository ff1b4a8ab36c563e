import type { IPAllocation } from '#api';
import type { Api } from '../cluster/api.ts';
import type { Network } from '../traffic/network.ts';

/**
 * What a process had sent before it was killed may be carried out when the next one uses the claim again that it was about: a
 * release, or a quarantine. The watch tells the next one, which makes the claim anew or takes it back; until then it has lost it.
 * @param lost see `World.lost`
 * @returns what ends it
 */
export function followLateCalls(api: Api, network: Network, lost: Set<string>): () => void {
  return api.store.subscribe('underlane.io/ipallocations', ({ type, object, previous }) => {
    const { acting } = network;
    if (acting?.isLate !== true || !acting.link.isOver || previous === undefined) return;
    const { spec } = object as unknown as IPAllocation; // its schema says so
    if (type === 'DELETED' || spec.policy === 'Quarantine') lost.add(previous.metadata.uid ?? '');
  });
}
