import type { NsFacts } from '#facts';
import { contains, formatAddress, parseAddress, parseIp } from '#ip';
import type { AbsentItem, AddressItem, SysctlItem, WiringItem } from '#wiring';
import { parseAddressText } from '../address-text.ts';
import { PlanError } from '../errors.ts';
import { forwarding } from '../forwarding.ts';
import type { IpamResult } from '../plugin.ts';
import type { BridgeConfig } from './config.ts';

/**
 * The gateway addresses on the bridge and forwarding on the host, all shared by the bridge's pods.
 * Another address of the bridge, by which pods would not reach theirs, gives way with `forceAddress`.
 * @throws PlanError BRIDGE_CONFLICT when there is one and it is not to give way
 */
export function gatewayItems(
  { dev: bridge, forceAddress }: Pick<BridgeConfig, 'forceAddress'> & { readonly dev: string },
  ifname: string,
  ipam: IpamResult,
  host: NsFacts,
): readonly WiringItem[] {
  const others = new Map<string, AbsentItem>();
  const addresses = new Map<string, AddressItem>();
  const sysctls = new Map<string, SysctlItem>();
  for (const ip of ipam.ips) {
    if (ip.gateway === undefined) continue;
    const { family, text } = parseAddressText(ifname, ip.address);
    const address = gatewayAddress(text, ip.gateway);
    for (const other of otherAddresses(bridge, address, host)) {
      if (!forceAddress) throw conflict(bridge, ifname, other, address);
      const what: AddressItem = { kind: 'address', place: 'host', dev: bridge, address: other };
      others.set(other, { kind: 'absent', place: 'host', what, isFinal: true });
    }
    const shared = `bridge:${bridge}:${address}`;
    addresses.set(shared, { kind: 'address', place: 'host', shared, dev: bridge, address });
    const forward = forwarding(family);
    sysctls.set(forward.path, forward);
  }
  return [...others.values(), ...addresses.values(), ...sysctls.values()];
}

function gatewayAddress(podAddress: string, gateway: string): string {
  const { family, length } = parseAddress(podAddress);
  return formatAddress({ family, address: parseIp(gateway).value, length });
}

/** As the reference: one IPv4 address a bridge, and for IPv6 none that overlaps. */
function otherAddresses(bridge: string, address: string, host: NsFacts): readonly string[] {
  const wanted = parseAddress(address);
  const others = host.addresses.filter(fact => {
    if (fact.dev !== bridge || fact.address === address) return false;
    const present = parseAddress(fact.address);
    if (present.family !== wanted.family) return false;
    return wanted.family === 4 || contains(present, wanted) || contains(wanted, present);
  });
  return others.map(fact => fact.address);
}

function conflict(bridge: string, ifname: string, other: string, address: string): PlanError {
  return new PlanError(
    'BRIDGE_CONFLICT',
    `Cannot plan bridge "${ifname}": bridge "${bridge}" has address ${other}, expected ${address}, the gateway, or none`,
  );
}
