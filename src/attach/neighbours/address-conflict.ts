import type { LeasedAddress } from '../addresses/leases.ts';
import { AttachError } from '../errors.ts';

/** An address that somebody else on the network has. */
export interface Conflict {
  readonly address: LeasedAddress;
  readonly ifname: string;
  /** Where it is. */
  readonly mac: string;
}

/** What an attachment must not be made with: found before any of it was used. */
export class AddressConflict extends AttachError {
  readonly conflicts: readonly Conflict[];

  /** @param network of the first of them, for the message */
  constructor(network: string, conflicts: readonly Conflict[]) {
    super('ADDRESS_CONFLICT', `Cannot attach network "${network}": ${conflicts.map(describeConflict).join('; ')}`, {
      retriable: true,
    });
    this.conflicts = conflicts;
  }
}

/** In the words that Spiderpool has for it, which people look for. */
export function describeConflict({ address, ifname, mac }: Conflict): string {
  const [ip = ''] = address.address.split('/');
  return `ip conflict: pod's interface ${ifname} with an conflicting ip ${ip}, ${ip} is located at ${mac}`;
}
