import { bitsOf, type Ip } from './ip.ts';

/** The address in network byte order: 4 or 16 bytes. */
export function ipToBytes(ip: Ip): Uint8Array {
  const bytes = new Uint8Array(bitsOf(ip.family) / 8);
  let rest = ip.value;
  for (let index = bytes.length - 1; index >= 0; index--) {
    bytes[index] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}
