import { createHash } from 'node:crypto';
import { MAC_EXPECTED, readMac } from '#ip';
import { PlanError } from './errors.ts';
import type { AttachmentSpec } from './plugin.ts';

/** Bits of a MAC's first byte (IEEE 802, 8.2.2). */
const MULTICAST = 0x01;
const LOCALLY_ADMINISTERED = 0x02;

/**
 * A locally administered unicast MAC that is the same for the same attachment and nonce, so that the result is known
 * before the link exists. Two ADDs differ by the nonce: no neighbour cache anywhere mistakes one pod for the other.
 *
 * @param role tells the ends of one attachment apart
 */
export function plannedMac(attachment: AttachmentSpec, role = ''): string {
  return hashedMac([attachment.containerId, attachment.ifname, attachment.nonce, role]);
}

/** A locally administered unicast MAC that is the same wherever the same parts are known. */
export function hashedMac(parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  const bytes = [...digest.subarray(0, 6)];
  bytes[0] = ((bytes[0] ?? 0) & ~MULTICAST) | LOCALLY_ADMINISTERED;
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join(':');
}

/**
 * MAC of the pod's interface: the one that the pod asks for, else the config's, else a planned one.
 * @throws PlanError MAC_INVALID
 */
export function interfaceMac(attachment: AttachmentSpec, configured: string | undefined): string {
  if (attachment.mac === undefined) return configured ?? plannedMac(attachment);
  const mac = readMac(attachment.mac);
  if (mac !== undefined) return mac;
  throw new PlanError(
    'MAC_INVALID',
    `Cannot plan interface "${attachment.ifname}": requested MAC is "${attachment.mac}", expected ${MAC_EXPECTED}`,
  );
}
