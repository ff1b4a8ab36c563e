import { type Detection, isShare } from '#ipam';
import type { LeasedAddress } from '../addresses/leases.ts';
import type { AttachDeps } from '../deps.ts';
import { holdsClaim } from '../journal/entry.ts';
import type { AttachmentPlan } from '../resolve/attachment-plan.ts';

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
 */
export function probedOf(
  addresses: readonly LeasedAddress[],
  { ifname, nad, network, detect: own }: Pick<AttachmentPlan, 'ifname' | 'nad' | 'network' | 'detect'>,
  containerId: string,
  { detect: everywhere, journal }: Pick<AttachDeps, 'detect' | 'journal'>,
): readonly ProbedAddress[] {
  // Its former sandbox, if kubelet is not done with it, or the pod that a virtual machine migrates from: they would answer.
  const isElsewhere = ({ claim }: LeasedAddress): boolean =>
    claim !== undefined &&
    (claim.object.spec.heir !== undefined ||
      journal.list().some(entry => entry.key.containerId !== containerId && holdsClaim(entry, claim.name)));
  return addresses.flatMap(address => {
    // Every question about a gateway is asked in the address's name in the end, and would draw its traffic here.
    if (address.claim !== undefined && isShare(address.claim.object.spec)) return [];
    const wanted = address.claim?.pool.detect ?? own ?? everywhere;
    if (wanted === undefined) return [];
    const detect = {
      conflict: wanted.conflict && !isElsewhere(address),
      gateway: wanted.gateway && address.gateway !== undefined,
    };
    return detect.conflict || detect.gateway ? [{ ifname, network: nad ?? network.name, address, detect }] : [];
  });
}
