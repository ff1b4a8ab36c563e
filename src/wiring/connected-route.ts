import type { AddressFact, RouteFact } from '#facts';
import { formatPrefix, parsePrefix } from '#ip';
import { RT_TABLE_MAIN, RTPROT_KERNEL } from '#netlink';
import { familyOf } from './prefix-text.ts';

/** IP6_RT_PRIO_ADDRCONF: metric of the routes that the kernel makes for IPv6 addresses. */
const CONNECTED_IPV6_METRIC = 256;

/** The route to its subnet that the kernel makes for an address on a link that is up; none for an IPv4 /32. */
export function connectedRoute({ dev, address }: AddressFact): RouteFact | undefined {
  const family = familyOf(address);
  const [src = ''] = address.split('/');
  const prefix = parsePrefix(address);
  if (family === 4 && prefix.length === 32) return undefined;
  const dst = formatPrefix(prefix);
  const common = { family, dst, dev, table: RT_TABLE_MAIN, protocol: RTPROT_KERNEL };
  if (family === 6) return { ...common, scope: 'universe', metric: CONNECTED_IPV6_METRIC };
  return { ...common, scope: 'link', src };
}
