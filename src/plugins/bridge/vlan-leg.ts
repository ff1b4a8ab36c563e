import type { LinkItem, VethPeer } from '#wiring';
import { PlanError } from '../errors.ts';
import { hashedMac } from '../planned-mac.ts';
import type { BridgeConfig } from './config.ts';

/** Longest interface name in bytes. */
const MAX_NAME_BYTES = 15;

type VethItem = LinkItem & { readonly link: { readonly type: 'veth'; readonly peer: VethPeer } };

/**
 * The host's own leg in a VLAN of the bridge, `cni0.100`: a pair whose one end is a port in that VLAN, and whose other
 * holds the gateway addresses. Shared by the bridge's pods in the VLAN.
 * @throws PlanError BRIDGE_CONFLICT when the name would be too long
 */
export function vlanLeg({ bridge, vlan }: BridgeConfig, ifname: string): VethItem {
  const name = `${bridge}.${vlan}`;
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw new PlanError(
      'BRIDGE_CONFLICT',
      `Cannot plan bridge "${ifname}": the gateway of VLAN ${vlan} would be "${name}", expected a bridge whose name leaves room for it in ${MAX_NAME_BYTES} bytes`,
    );
  }
  const digits = hashedMac(['bridge leg', name]).replaceAll(':', '').slice(-8);
  return {
    kind: 'link',
    place: 'host',
    shared: `bridge:${name}`,
    name: `veth${digits}`,
    link: { type: 'veth', peer: { place: 'host', name, isUp: true } },
    isUp: true,
    bridge,
    vlans: [{ id: vlan, isPvid: true, isUntagged: true }],
  };
}
