import type { CniResult } from '#cni';
import type { Family } from '#facts';
import { parseAddressText } from './address-text.ts';
import { PlanError } from './errors.ts';

/** A bare address in canonical text. */
export interface PodIp {
  readonly family: Family;
  readonly address: string;
}

/**
 * The addresses that a result gives to an interface of the pod: by index, or all that have none.
 * @throws PlanError NO_ADDRESS, ADDRESS_INVALID
 */
export function resultIps(ifname: string, result: CniResult): readonly PodIp[] {
  const ips = result.ips.filter(ip => {
    if (ip.interface === undefined) return true;
    const link = result.interfaces[ip.interface];
    return link?.name === ifname && link.sandbox !== undefined;
  });
  if (ips.length > 0) {
    return ips.map(ip => {
      const { family, bare } = parseAddressText(ifname, ip.address);
      return { family, address: bare };
    });
  }
  throw new PlanError(
    'NO_ADDRESS',
    `Cannot plan veth on "${ifname}": prevResult has no address of it, expected ipam in the plugin that makes it`,
  );
}
