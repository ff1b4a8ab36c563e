import type { Family } from '#facts';
import type { LinkItem, WiringItem } from '#wiring';
import { connectedPrefix, parseAddressText } from '../address-text.ts';
import { PlanError } from '../errors.ts';
import { ethernetMtu } from '../ethernet-mtu.ts';
import { forwarding } from '../forwarding.ts';
import { gatewayRoutes } from '../gateway-routes.ts';
import { hostPrefix } from '../host-prefix.ts';
import { masqueradeItems } from '../masquerade.ts';
import { interfaceMac, plannedMac } from '../planned-mac.ts';
import type { IpamResult, Plan, PlanInput } from '../plugin.ts';
import { podAddresses } from '../pod-addresses.ts';
import { requireIpam } from '../pod-interface-plan.ts';
import { refuseTakenName } from '../taken-name.ts';
import type { PtpConfig } from './config.ts';

/** A veth pair: the host's end is the pod's gateway, and everything the pod sends takes it. */
export function planPtp(input: PlanInput<PtpConfig>): Plan {
  const { config, attachment, facts } = input;
  const { ifname, netns } = attachment;
  refuseTakenName('ptp', ifname, facts.pod);
  const ipam = requireIpam('ptp', ifname, input.ipam);
  const pair = pairItem(input);
  const ways = ipam.ips.map(ip => wayOf(ifname, ip));
  const podMac = interfaceMac(attachment, undefined);
  const mtu = ethernetMtu(config.mtu);
  return {
    wiring: [
      pair,
      ...(config.ipMasq ? masqueradeItems(attachment, ipam) : []),
      ...ways.flatMap(way => forwarding(way.family)),
      ...podAddresses(ifname, ipam),
      ...firstOfSubnets(ways).map(way => gatewayRoute(ifname, way)),
      // While the subnet is still on the wire: next hops may be others of it than the gateway.
      ...gatewayRoutes(ifname, ipam),
      ...firstOfSubnets(ways).flatMap(way => subnetItems(ifname, way)),
      ...acceptNoRa(pair.name, ways),
      ...gatewayAddresses(pair.name, ways),
      ...ways.map(
        ({ bare }): WiringItem => ({
          kind: 'route',
          place: 'host',
          dst: hostPrefix(bare),
          dev: pair.name,
          scope: 'host',
        }),
      ),
    ],
    result: {
      interfaces: [
        { name: pair.name, ...(pair.mac === undefined ? {} : { mac: pair.mac }), mtu },
        { name: ifname, mac: podMac, mtu, sandbox: netns },
      ],
      ips: ipam.ips.map(ip => ({ ...ip, interface: POD_INDEX })),
      routes: ipam.routes,
      dns: config.dns,
    },
  };
}

/** Place of the pod's interface in the result. */
const POD_INDEX = 1;

function pairItem({ config, attachment }: PlanInput<PtpConfig>): LinkItem {
  const mtu = config.mtu === 0 ? {} : { mtu: config.mtu };
  const mac = plannedMac(attachment, 'ptp host end');
  const podMac = interfaceMac(attachment, undefined);
  return {
    kind: 'link',
    place: 'host',
    // As many bytes of the MAC as fit: unique by the same hash, and easy to match by eye.
    name: `veth${mac.replaceAll(':', '').slice(-8)}`,
    link: { type: 'veth', peer: { place: 'pod', name: attachment.ifname, mac: podMac, ...mtu, isUp: true } },
    mac,
    ...mtu,
    isUp: true,
  };
}

/** One address of the pod and the gateway that the host's end is for it. */
interface Way {
  readonly family: Family;
  readonly bare: string;
  readonly subnet: string;
  readonly gateway: string;
}

function wayOf(ifname: string, ip: IpamResult['ips'][number]): Way {
  const { family, text, bare } = parseAddressText(ifname, ip.address);
  if (ip.gateway !== undefined) return { family, bare, subnet: connectedPrefix(text), gateway: ip.gateway };
  throw new PlanError(
    'NO_ADDRESS',
    `Cannot plan ptp "${ifname}": address ${text} has no gateway, expected one from ipam, for the host's end of the pair`,
  );
}

/** Further addresses of a subnet are on the same way. */
function firstOfSubnets(ways: readonly Way[]): readonly Way[] {
  return ways.filter((way, index) => ways.findIndex(other => other.subnet === way.subnet) === index);
}

function gatewayRoute(ifname: string, { bare, gateway }: Way): WiringItem {
  return { kind: 'route', place: 'pod', dst: hostPrefix(gateway), dev: ifname, src: bare, scope: 'link' };
}

/** The subnet is behind the gateway, not on the wire: the kernel's own route to it goes. */
function subnetItems(ifname: string, { family, bare, subnet, gateway }: Way): readonly WiringItem[] {
  if (subnet === hostPrefix(bare)) return [];
  const connected = {
    kind: 'route',
    place: 'pod',
    dst: subnet,
    dev: ifname,
    ...(family === 4 ? { src: bare, scope: 'link' as const } : { metric: 256 }),
  } as const;
  return [
    { kind: 'absent', place: 'pod', what: connected },
    { kind: 'route', place: 'pod', dst: subnet, dev: ifname, via: gateway, src: bare },
  ];
}

function gatewayAddresses(dev: string, ways: readonly Way[]): readonly WiringItem[] {
  const addresses = new Set(ways.map(way => hostPrefix(way.gateway)));
  return [...addresses].map(address => ({ kind: 'address', place: 'host', dev, address }));
}

/** A pod must not hand its node routes and addresses by router advertisements. */
function acceptNoRa(dev: string, ways: readonly Way[]): readonly WiringItem[] {
  if (!ways.some(way => way.family === 6)) return [];
  return [{ kind: 'sysctl', place: 'host', path: `net/ipv6/conf/${dev}/accept_ra`, value: '0' }];
}
