import { type Family, familyOf } from '../family.ts';
import type { SandboxPod } from '../resources.ts';
import { type Check, checkFailed } from './check.ts';
import { readNetworkStatus } from './network-status.ts';

/** What a NIC's address has to be. */
export interface ExpectedAddress {
  readonly name: string;
  readonly pod: SandboxPod;
  readonly nic: string;
  readonly family: Family;
  /** For people: `172.17.0.100`, `one of 172.18.30.131-172.18.30.140`. */
  readonly wanted: string;
  readonly isRight: (address: string) => boolean;
}

/** A check that a NIC has the address that its pod, or its pool, wants. */
export function addressCheck({ name, pod, nic, family, wanted, isRight }: ExpectedAddress): Check {
  return {
    name,
    family,
    from: pod.metadata.name,
    to: `${nic}: ${wanted}`,
    async attempt() {
      const start = performance.now();
      const address = nicAddress(pod, nic, family);
      if (!isRight(address)) throw checkFailed(`${nic} has ${address}, expected ${wanted}`);
      return Math.round((performance.now() - start) * 10) / 10;
    },
  };
}

/** @throws SandboxError CHECK_FAILED when network-status lists no such address */
export function nicAddress(pod: SandboxPod, nic: string, family: Family): string {
  const ips = readNetworkStatus(pod).find(entry => entry.interface === nic)?.ips ?? [];
  const address = ips.find(ip => familyOf(ip) === family);
  if (address === undefined)
    throw checkFailed(`network-status of pod "${pod.metadata.name}" has no ${family} address for ${nic}`);
  return address;
}
