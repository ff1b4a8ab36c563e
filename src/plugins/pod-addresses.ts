import type { WiringItem } from '#wiring';
import { parseAddressText } from './address-text.ts';
import { PlanError } from './errors.ts';
import type { IpamResult } from './plugin.ts';

/**
 * The addresses of a pod's interface, with the sysctls that have to stand before them: IPv6 on where an address needs it,
 * and announcements, so that caches on the network learn the new MAC when the link comes up. A virtual machine that
 * migrates to the pod is still elsewhere then, and says itself when it has come.
 *
 * @throws PlanError NO_ADDRESS when IPAM gave none, ADDRESS_INVALID
 */
export function podAddresses(ifname: string, ipam: IpamResult): readonly WiringItem[] {
  if (ipam.ips.length === 0) {
    throw new PlanError('NO_ADDRESS', `Cannot plan interface "${ifname}": IPAM gave no address, expected one at least`);
  }
  const addresses = ipam.ips.map(ip => parseAddressText(ifname, ip.address));
  const hasIpv6 = addresses.some(address => address.family === 6);
  const notify = ipam.isShared === true ? '0' : '1';
  const sysctls: readonly (readonly [path: string, value: string])[] = [
    [`net/ipv4/conf/${ifname}/arp_notify`, notify],
    ...(hasIpv6 ? ipv6Sysctls(ifname, notify) : []),
  ];
  return [
    ...sysctls.map(([path, value]) => ({ kind: 'sysctl', place: 'pod', path, value }) as const),
    ...addresses.map(({ text }) => ({ kind: 'address', place: 'pod', dev: ifname, address: text }) as const),
  ];
}

function ipv6Sysctls(ifname: string, notify: string): readonly (readonly [path: string, value: string])[] {
  return [
    ['net/ipv6/conf/lo/disable_ipv6', '0'],
    [`net/ipv6/conf/${ifname}/disable_ipv6`, '0'],
    // Without it the kernel drops the addresses whenever the link goes down and does not bring them back.
    [`net/ipv6/conf/${ifname}/keep_addr_on_down`, '1'],
    [`net/ipv6/conf/${ifname}/ndisc_notify`, notify],
  ];
}
