import type { CniResult } from '#cni';
import type { LinkFact, NsFacts } from '#facts';
import type { LinkItem, WiringItem } from '#wiring';
import { PlanError } from '../errors.ts';
import { ethernetMtu } from '../ethernet-mtu.ts';
import { gatewayRoutes } from '../gateway-routes.ts';
import { masqueradeItems } from '../masquerade.ts';
import { hashedMac, interfaceMac, plannedMac } from '../planned-mac.ts';
import type { IpamResult, Plan, PlanInput } from '../plugin.ts';
import { podAddresses } from '../pod-addresses.ts';
import { refuseTakenName } from '../taken-name.ts';
import type { BridgeConfig } from './config.ts';
import { gatewayItems } from './gateway-items.ts';
import { macSpoofCheck } from './mac-spoof-check.ts';
import { vlanLeg } from './vlan-leg.ts';
import { withGateways } from './with-gateways.ts';

/** A veth pair between the pod and a port of a bridge on the host. The bridge and what it holds is shared by its pods. */
export function planBridge(input: PlanInput<BridgeConfig>): Plan {
  const { config, attachment, facts } = input;
  const { ifname } = attachment;
  refuseTakenName('bridge', ifname, facts.pod);
  const ipam = input.ipam === undefined ? undefined : withGateways(config, ifname, input.ipam);
  const existing = findBridge(config, ifname, facts.host);
  const bridge = bridgeItem(input, existing);
  const port = portItem(input);
  const mac = bridge.mac ?? existing?.mac;
  const mtu = ethernetMtu(config.mtu);
  const result: CniResult = {
    interfaces: [
      { name: bridge.name, ...(mac === undefined ? {} : { mac }), mtu: existing?.mtu ?? mtu },
      { name: port.name, ...(port.mac === undefined ? {} : { mac: port.mac }), mtu },
      { name: ifname, mac: podMac(input), mtu, sandbox: attachment.netns },
    ],
    ips: (ipam?.ips ?? []).map(ip => ({ ...ip, interface: POD_INDEX })),
    routes: ipam?.routes ?? [],
    dns: config.dns,
  };
  const settings = ipam === undefined ? [] : ipv6Settings(input, ipam);
  // Before the port is there: nothing gets past them.
  const checks = config.macspoofchk ? macSpoofCheck(attachment, port.name, podMac(input)) : [];
  const masquerade = config.ipMasq && ipam !== undefined ? masqueradeItems(attachment, ipam) : [];
  const hostItems = [bridge, ...hostGateway(input, ipam), ...checks, ...masquerade];
  return { wiring: [...hostItems, port, ...settings, ...podItems(ifname, ipam)], result };
}

/** Place of the pod's interface in the result. */
const POD_INDEX = 2;

function hostGateway(input: PlanInput<BridgeConfig>, ipam: IpamResult | undefined) {
  if (ipam === undefined || !input.config.isGateway) return [];
  const { config, attachment, facts } = input;
  const { ifname } = attachment;
  if (config.vlan === 0) return gatewayItems({ ...config, dev: config.bridge }, ifname, ipam, facts.host);
  const leg = vlanLeg(config, ifname);
  return [leg, ...gatewayItems({ ...config, dev: leg.link.peer.name }, ifname, ipam, facts.host)];
}

function podItems(ifname: string, ipam: IpamResult | undefined) {
  return ipam === undefined ? [] : [...podAddresses(ifname, ipam), ...gatewayRoutes(ifname, ipam)];
}

function findBridge(config: BridgeConfig, ifname: string, host: NsFacts): LinkFact | undefined {
  const link = host.links.find(candidate => candidate.name === config.bridge);
  if (link?.kind === 'bridge' && config.vlans.length > 0 && link.hasVlanFiltering !== true) {
    throw new PlanError(
      'BRIDGE_CONFLICT',
      `Cannot plan bridge "${ifname}": bridge "${config.bridge}" does not tell VLANs apart, expected one with vlan_filtering 1, or no vlan and vlanTrunk`,
    );
  }
  if (link === undefined || link.kind === 'bridge') return link;
  throw new PlanError(
    'BRIDGE_CONFLICT',
    `Cannot plan bridge "${ifname}": "${config.bridge}" on the host is a ${link.kind ?? 'physical'} link, expected a bridge, or no such link`,
  );
}

/** MAC and MTU are given only to a bridge that we make: else its MAC would follow its ports, and ARP caches with it. */
function bridgeItem(input: PlanInput<BridgeConfig>, existing: LinkFact | undefined): LinkItem {
  const { config, facts } = input;
  const asMade = {
    mac: bridgeMac(config.bridge, facts.host),
    ...(config.mtu === 0 ? {} : { mtu: config.mtu }),
  };
  return {
    kind: 'link',
    place: 'host',
    shared: `bridge:${config.bridge}`,
    name: config.bridge,
    link: { type: 'bridge', ...(config.vlans.length === 0 ? {} : { hasVlanFiltering: true }) },
    ...(existing === undefined ? asMade : {}),
    isUp: true,
    ...(config.promiscMode ? { isPromiscuous: true } : {}),
  };
}

/** Of the node and the name, not of the attachment: two that find no bridge at the same time must plan the same one. */
function bridgeMac(name: string, host: NsFacts): string {
  const nic = host.links.filter(link => !link.isLoopback).sort((a, b) => a.ifindex - b.ifindex)[0];
  return hashedMac(['bridge', name, nic?.mac ?? '']);
}

function portItem(input: PlanInput<BridgeConfig>): LinkItem {
  const { config, attachment } = input;
  const mtu = config.mtu === 0 ? {} : { mtu: config.mtu };
  const mac = plannedMac(attachment, 'bridge port');
  return {
    kind: 'link',
    place: 'host',
    // As many bytes of the MAC as fit: unique by the same hash, and easy to match by eye.
    name: `veth${mac.replaceAll(':', '').slice(-8)}`,
    link: {
      type: 'veth',
      peer: {
        place: 'pod',
        name: attachment.ifname,
        mac: podMac(input),
        ...mtu,
        isUp: !config.disableContainerInterface,
      },
    },
    mac,
    ...mtu,
    isUp: true,
    bridge: config.bridge,
    ...(config.hairpinMode ? { isHairpin: true } : {}),
    ...(config.portIsolation ? { isIsolated: true } : {}),
    ...(config.vlans.length === 0 ? {} : { vlans: config.vlans }),
  };
}

/** Settings that stand before the first IPv6 address. */
function ipv6Settings({ config, attachment, facts }: PlanInput<BridgeConfig>, ipam: IpamResult): readonly WiringItem[] {
  if (!ipam.ips.some(ip => ip.address.includes(':'))) return [];
  const acceptDad: WiringItem = {
    kind: 'sysctl',
    place: 'pod',
    path: `net/ipv6/conf/${attachment.ifname}/accept_dad`,
    value: '0',
  };
  // Only on a bridge that we make: what others have set on theirs is theirs.
  const acceptRa: WiringItem = {
    kind: 'sysctl',
    place: 'host',
    path: `net/ipv6/conf/${config.bridge}/accept_ra`,
    value: '0',
  };
  const isNew = findBridge(config, attachment.ifname, facts.host) === undefined;
  return [...(isNew ? [acceptRa] : []), ...(config.enabledad ? [] : [acceptDad])];
}

function podMac(input: PlanInput<BridgeConfig>): string {
  return interfaceMac(input.attachment, input.config.mac);
}
