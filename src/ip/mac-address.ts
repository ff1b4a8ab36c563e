/** A MAC as lower-case hex with colons, from that or hyphens; undefined unless it is one device's: six bytes, unicast, not zero. */
export function readMac(text: string): string | undefined {
  const mac = text.trim().toLowerCase().replaceAll('-', ':');
  if (!/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(mac) || mac === '00:00:00:00:00:00') return undefined;
  return mac;
}

/** What errors ask for. */
export const MAC_EXPECTED = 'six bytes in hex such as "0a:58:0a:f4:00:01", not a multicast address';
