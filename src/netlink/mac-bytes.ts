import { NetlinkError } from './errors.ts';

/** The bytes of `02:00:5e:10:00:01`. @throws NetlinkError with code "EINVAL" */
export function encodeMac(action: string, mac: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) {
    throw new NetlinkError(action, 'EINVAL', `MAC "${mac}": expected six bytes like 02:00:5e:10:00:01`);
  }
  return Uint8Array.from(mac.split(':'), byte => Number.parseInt(byte, 16));
}

/** Lower-case text of a link-layer address, or undefined when the bytes are no Ethernet address (tunnels have others). */
export function decodeMac(bytes: Uint8Array): string | undefined {
  if (bytes.length !== 6) return undefined;
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/..(?!$)/g, '$&:');
}
