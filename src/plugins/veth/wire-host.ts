import type { NsFacts } from '#facts';
import type { WiringItem } from '#wiring';
import { hostPrefix } from '../host-prefix.ts';
import type { RpFilter } from './config.ts';
import type { NodePath } from './node-path.ts';
import type { VethPair } from './pair.ts';

/** The node's way to the pod: its addresses on the pair, with a neighbour that no ARP setting can take away. */
export function wireHost(pair: VethPair, path: NodePath): readonly WiringItem[] {
  return path.podIps.flatMap(({ address }) => [
    { kind: 'neighbour', place: 'host', dev: pair.hostEnd, address, lladdr: pair.podMac } as const,
    { kind: 'route', place: 'host', dst: hostPrefix(address), dev: pair.hostEnd, scope: 'link' } as const,
  ]);
}

/** Settings of the host's end, and of no other interface of the host. */
export function hostSysctls(pair: VethPair, rpFilter: RpFilter, host: NsFacts): readonly WiringItem[] {
  const sysctls: WiringItem[] = [];
  if (rpFilter.setHost) {
    sysctls.push(hostSysctl(`net/ipv4/conf/${pair.hostEnd}/rp_filter`, rpFilter.value));
  }
  // A pod must not hand its node routes and addresses by router advertisements.
  if (hasIpv6(host)) sysctls.push(hostSysctl(`net/ipv6/conf/${pair.hostEnd}/accept_ra`, '0'));
  return sysctls;
}

function hostSysctl(path: string, value: string): WiringItem {
  return { kind: 'sysctl', place: 'host', path, value };
}

/** A kernel without IPv6 has no address of it anywhere, and no settings either. */
function hasIpv6(ns: NsFacts): boolean {
  return ns.addresses.some(fact => fact.address.includes(':'));
}
