import * as z from 'zod/mini';
import type { CniDns } from '#cni';
import type { BridgeVlan } from '#facts';
import { deviceName, dns, flag, macAddress, masqueradeBackend, mtuBytes } from '../config-fields.ts';
import { configFault, parseConfig } from '../parse-config.ts';
import { resultDns } from '../result-dns.ts';
import { vlanId } from '../vlan-id.ts';
import { portVlans, vlanTrunk } from './port-vlans.ts';

export interface BridgeConfig {
  readonly bridge: string;
  /** Whether the bridge holds the gateway addresses and the host forwards. */
  readonly isGateway: boolean;
  /** Whether the pod's default route goes there; implies `isGateway`. */
  readonly isDefaultGateway: boolean;
  /** Bytes; 0 leaves it to the kernel. */
  readonly mtu: number;
  readonly mac?: string;
  /** Whether other addresses of the bridge give way to the gateway's. */
  readonly forceAddress: boolean;
  /** Whether frames may leave by the pod's port that came in by it: how a pod reaches itself by a service address. */
  readonly hairpinMode: boolean;
  /** Whether what leaves the pod's subnet has the node's address. */
  readonly ipMasq: boolean;
  /** Whether frames from another MAC than the pod's are dropped at its port. */
  readonly macspoofchk: boolean;
  readonly promiscMode: boolean;
  /** Whether the pod's port is kept from other such ports. */
  readonly portIsolation: boolean;
  /** Whether the kernel still looks for duplicates of the addresses that it makes up by itself. */
  readonly enabledad: boolean;
  /** Leaves the pod's end down, and without addresses. */
  readonly disableContainerInterface: boolean;
  /** VLANs of the pod's port; none: the bridge does not tell VLANs apart. */
  readonly vlans: readonly BridgeVlan[];
  /** VLAN of what the pod sends without a tag; 0 is none. */
  readonly vlan: number;
  readonly dns: CniDns;
}

const off = () => z._default(flag(), false);

const schema = z.strictObject({
  bridge: z._default(deviceName(), 'cni0'),
  isGateway: off(),
  isDefaultGateway: off(),
  mtu: z._default(mtuBytes(), 0),
  mac: z.optional(macAddress()),
  forceAddress: off(),
  ipMasq: off(),
  ipMasqBackend: z.optional(masqueradeBackend()),
  hairpinMode: off(),
  promiscMode: off(),
  vlan: z._default(vlanId(), 0),
  vlanTrunk: z._default(vlanTrunk(), []),
  preserveDefaultVlan: off(),
  macspoofchk: off(),
  enabledad: off(),
  disableContainerInterface: off(),
  portIsolation: off(),
  dns: z.optional(dns()),
});

/** @throws ConfigError naming field, value and what was expected */
export function parseBridgeConfig(raw: Readonly<Record<string, unknown>>): BridgeConfig {
  const parsed = parseConfig('bridge', schema, raw);
  if (parsed.hairpinMode && parsed.promiscMode) {
    throw configFault('bridge', 'promiscMode', true, 'false, since hairpinMode is true');
  }
  if (parsed.disableContainerInterface && hasIpam(raw)) {
    throw configFault('bridge', 'disableContainerInterface', true, 'false, or no ipam');
  }
  return {
    bridge: parsed.bridge,
    isGateway: parsed.isGateway || parsed.isDefaultGateway,
    isDefaultGateway: parsed.isDefaultGateway,
    mtu: parsed.mtu,
    ...(parsed.mac === undefined ? {} : { mac: parsed.mac }),
    forceAddress: parsed.forceAddress,
    hairpinMode: parsed.hairpinMode,
    ipMasq: parsed.ipMasq,
    macspoofchk: parsed.macspoofchk,
    promiscMode: parsed.promiscMode,
    portIsolation: parsed.portIsolation,
    enabledad: parsed.enabledad,
    disableContainerInterface: parsed.disableContainerInterface,
    vlans: portVlans(parsed.vlan, parsed.vlanTrunk, parsed.preserveDefaultVlan),
    vlan: parsed.vlan,
    dns: resultDns(parsed.dns),
  };
}

/** An empty object is what some generators write for "no IPAM". */
function hasIpam({ ipam }: Readonly<Record<string, unknown>>): boolean {
  return typeof ipam === 'object' && ipam !== null && Object.keys(ipam).length > 0;
}
