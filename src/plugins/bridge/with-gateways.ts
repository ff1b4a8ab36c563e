import type { CniRoute } from '#cni';
import type { Family } from '#facts';
import { formatIp, parseAddress } from '#ip';
import { parseAddressText } from '../address-text.ts';
import { PlanError } from '../errors.ts';
import type { IpamResult } from '../plugin.ts';
import type { BridgeConfig } from './config.ts';

/**
 * IPAM's answer with what a gateway bridge adds to it: the first address of the subnet where no gateway was given,
 * and a default route by it where the config asks for one and IPAM has none.
 */
export function withGateways(config: BridgeConfig, ifname: string, ipam: IpamResult): IpamResult {
  if (!config.isGateway) return ipam;
  const ips = ipam.ips.map(ip => ({ ...ip, gateway: ip.gateway ?? firstOfSubnet(ifname, ip.address) }));
  if (!config.isDefaultGateway) return { ...ipam, ips };
  const routes: CniRoute[] = [...ipam.routes];
  for (const ip of ips) {
    const dst = DEFAULT_ROUTES[parseAddressText(ifname, ip.address).family];
    if (!routes.some(route => route.dst === dst)) routes.push({ dst, gw: ip.gateway });
  }
  return { ...ipam, ips, routes };
}

const DEFAULT_ROUTES: Readonly<Record<Family, string>> = { 4: '0.0.0.0/0', 6: '::/0' };

function firstOfSubnet(ifname: string, text: string): string {
  const address = parseAddress(parseAddressText(ifname, text).text);
  const gateway = { family: address.family, value: address.network + 1n };
  const isHost = address.length >= (address.family === 4 ? 31 : 127);
  if (!isHost && gateway.value !== address.address) return formatIp(gateway);
  throw new PlanError(
    'NO_ADDRESS',
    `Cannot plan bridge "${ifname}": address ${text} has no gateway and leaves none in its subnet, expected a gateway from ipam`,
  );
}
