import type { NsFacts } from '#facts';
import { contains, formatAddress, parseAddress, parseIp } from '#ip';
import type { AddressItem, SysctlItem, WiringItem } from '#wiring';
import { parseAddressText } from '../address-text.ts';
import { PlanError } from '../errors.ts';
import type { IpamResult } from '../plugin.ts';

/**
 * The gateway addresses on the bridge and forwarding on the host, all shared by the bridge's pods.
 * @throws PlanError BRIDGE_CONFLICT when the bridge holds another address that pods would not reach theirs by
 */
export function gatewayItems(bridge: string, ifname: string, ipam: IpamResult, host: NsFacts): readonly WiringItem[] {
  const addresses = new Map<string, AddressItem>();
  const sysctls = new Map<string, SysctlItem>();
  for (const ip of ipam.ips) {
    if (ip.gateway === undefined) continue;
    const { family, text } = parseAddressText(ifname, ip.address);
    const address = gatewayAddress(text, ip.gateway);
    refuseOtherAddress(bridge, ifname, address, host);
    const shared = `bridge:${bridge}:${address}`;
    addresses.set(shared, { kind: 'address', place: 'host', shared, dev: bridge, address });
    const path = family === 4 ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding';
    sysctls.set(path, { kind: 'sysctl', place: 'host', shared: `sysctl:${path}`, path, value: '1' });
  }
  return [...addresses.values(), ...sysctls.values()];
}

function gatewayAddress(podAddress: string, gateway: string): string {
  const { family, length } = parseAddress(podAddress);
  return formatAddress({ family, address: parseIp(gateway).value, length });
}

/** As the reference: one IPv4 address a bridge, and for IPv6 none that overlaps. */
function refuseOtherAddress(bridge: string, ifname: string, address: string, host: NsFacts): void {
  const wanted = parseAddress(address);
  const other = host.addresses.find(fact => {
    if (fact.dev !== bridge || fact.address === address) return false;
    const present = parseAddress(fact.address);
    if (present.family !== wanted.family) return false;
    return wanted.family === 4 || contains(present, wanted) || contains(wanted, present);
  });
  if (other === undefined) return;
  throw new PlanError(
    'BRIDGE_CONFLICT',
    `Cannot plan bridge "${ifname}": bridge "${bridge}" has address ${other.address}; expected ${address}, the gateway, or none`,
  );
}
