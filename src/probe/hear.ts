import type { Ip } from '#ip';
import { protocolOf, type Statement } from './address-protocol.ts';

/**
 * The MAC of somebody else who says by this frame that an address is his, or is just about to take it as well (RFC 5227,
 * section 2.1.1; RFC 4862, section 5.4.3).
 * @param ownMac what we sent ourselves may come back to us
 */
export function claimantOf(frame: Buffer, address: Ip, ownMac: string): string | undefined {
  const mac = statementAbout(frame, address)?.mac;
  return mac === ownMac ? undefined : mac;
}

/** The MAC of whoever has an address, and says so. One that only asks for it does not. */
export function holderOf(frame: Buffer, address: Ip): string | undefined {
  const statement = statementAbout(frame, address);
  return statement?.isAnswer ? statement.mac : undefined;
}

function statementAbout(frame: Buffer, address: Ip): Statement | undefined {
  const statement = protocolOf(address.family).read(frame);
  return statement?.address.value === address.value ? statement : undefined;
}
