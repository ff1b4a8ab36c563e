import type { Detection } from '#ipam';
import type { LeasedAddress } from '../leases.ts';

/** An address, and what is asked of the network before it is used: one question at least. */
export interface ProbedAddress {
  readonly address: LeasedAddress;
  /** The interface that is to have it. */
  readonly ifname: string;
  /** Of its network, for errors. */
  readonly network: string;
  readonly detect: Detection;
}

/**
 * The addresses that the network is asked about, by what the pool of each says, else its NetworkAttachmentDefinition, else the
 * agent.
 * @param isElsewhere whether another sandbox of the same pod still has the address, and would answer for it
 */
export function probedOf(
  addresses: readonly LeasedAddress[],
  place: Pick<ProbedAddress, 'ifname' | 'network'>,
  defaults: Detection | undefined,
  isElsewhere: (address: LeasedAddress) => boolean,
): readonly ProbedAddress[] {
  return addresses.flatMap(address => {
    const wanted = address.claim?.pool.detect ?? defaults;
    if (wanted === undefined) return [];
    const detect = {
      conflict: wanted.conflict && !isElsewhere(address),
      gateway: wanted.gateway && address.gateway !== undefined,
    };
    return detect.conflict || detect.gateway ? [{ ...place, address, detect }] : [];
  });
}
