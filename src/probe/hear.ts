import type { Ip } from '#ip';
import { readArp } from './arp-packet.ts';
import { readNeighbour } from './neighbour-packet.ts';

/**
 * The MAC of somebody else who says by this frame that an address is his, or is just about to take it as well (RFC 5227,
 * section 2.1.1; RFC 4862, section 5.4.3).
 * @param ownMac what we sent ourselves may come back to us
 */
export function claimantOf(frame: Buffer, address: Ip, ownMac: string): string | undefined {
  const mac = address.family === 4 ? ipv4Claimant(frame, address) : ipv6Claimant(frame, address);
  return mac === ownMac ? undefined : mac;
}

/** The MAC of whoever has an address, and says so. One that only asks for it does not. */
export function holderOf(frame: Buffer, address: Ip): string | undefined {
  if (address.family === 6) {
    const packet = readNeighbour(frame);
    return packet?.kind === 'advertisement' && packet.target.value === address.value ? packet.mac : undefined;
  }
  const packet = readArp(frame);
  return packet?.senderIp.value === address.value ? packet.senderMac : undefined;
}

function ipv4Claimant(frame: Buffer, address: Ip): string | undefined {
  const packet = readArp(frame);
  if (packet === undefined) return undefined;
  const isProbe = packet.operation === 'request' && packet.senderIp.value === 0n;
  const isAbout = isProbe ? packet.targetIp.value === address.value : packet.senderIp.value === address.value;
  return isAbout ? packet.senderMac : undefined;
}

function ipv6Claimant(frame: Buffer, address: Ip): string | undefined {
  const packet = readNeighbour(frame);
  if (packet === undefined) return undefined;
  // A solicitation asks about its target, unless it comes from nobody: then it is about to take it.
  const isItsOwn = packet.kind === 'advertisement' || packet.source.value === 0n;
  const claimed = isItsOwn ? packet.target : packet.source;
  return claimed.value === address.value ? packet.mac : undefined;
}
