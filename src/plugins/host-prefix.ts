import { formatIp, parseIp } from '#ip';

/** The bare address as the prefix of itself alone: `10.0.0.5/32`, `fd00::5/128`. */
export function hostPrefix(address: string): string {
  const ip = parseIp(address);
  return `${formatIp(ip)}/${ip.family === 4 ? 32 : 128}`;
}
