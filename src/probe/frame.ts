import { type Ip, ipToBytes } from '#ip';

/** ETH_P_* of linux/if_ether.h. */
export const ETH_P_ARP = 0x0806;
export const ETH_P_IPV6 = 0x86dd;

export const ETHERNET_HEADER_SIZE = 14;
export const BROADCAST = 'ff:ff:ff:ff:ff:ff';
export const NO_MAC = '00:00:00:00:00:00';

/** An Ethernet frame: its header, and zeros for the body. */
export function newFrame(destination: string, source: string, etherType: number, bodySize: number): Buffer {
  const frame = Buffer.alloc(ETHERNET_HEADER_SIZE + bodySize);
  writeMac(frame, 0, destination);
  writeMac(frame, 6, source);
  frame.writeUInt16BE(etherType, 12);
  return frame;
}

/** The frame's sender, as its header has it. */
export function sourceOf(frame: Buffer): string {
  return readMacAt(frame, 6);
}

export function writeMac(frame: Buffer, offset: number, mac: string): void {
  frame.write(mac.replaceAll(':', ''), offset, 'hex');
}

export function readMacAt(frame: Buffer, offset: number): string {
  return frame.toString('hex', offset, offset + 6).replace(/..(?!$)/g, '$&:');
}

/** @returns the offset behind it */
export function writeIp(frame: Buffer, offset: number, ip: Ip): number {
  const bytes = ipToBytes(ip);
  frame.set(bytes, offset);
  return offset + bytes.length;
}

/** The address of a family that stands at an offset. */
export function readIpAt(frame: Buffer, offset: number, family: 4 | 6): Ip {
  const size = family === 4 ? 4 : 16;
  return { family, value: BigInt(`0x${frame.toString('hex', offset, offset + size)}`) };
}
