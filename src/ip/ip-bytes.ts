import { IpError } from './errors.ts';
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

/** The address that 4 or 16 bytes in network byte order hold. @throws IpError BAD_BYTES */
export function bytesToIp(bytes: Uint8Array): Ip {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new IpError('BAD_BYTES', `Cannot read an IP address from ${bytes.length} bytes: expected 4 or 16`);
  }
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return { family: bytes.length === 4 ? 4 : 6, value };
}
