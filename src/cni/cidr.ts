import { isIP } from 'node:net';

/** Whether `text` is an address with prefix length: `172.18.0.10/16`, `fd00::5/64`. */
export function isCidr(text: string): boolean {
  const [address, length, ...rest] = text.split('/');
  if (address === undefined || length === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length))
    return false;
  const family = isIP(address);
  // Zones (`fe80::1%eth0`) pass isIP; no CNI field means one.
  return family !== 0 && !address.includes('%') && Number(length) <= (family === 4 ? 32 : 128);
}

/** 4 or 6 for an address with or without prefix length that has already been checked. */
export function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}
