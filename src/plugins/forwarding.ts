import type { Family } from '#facts';
import type { SysctlItem } from '#wiring';

/** Lets the host forward packets of a family; shared by all that need it. */
export function forwarding(family: Family): SysctlItem {
  const path = family === 4 ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding';
  return { kind: 'sysctl', place: 'host', shared: `sysctl:${path}`, path, value: '1' };
}
