import type { CniDns, CniRoute } from '#cni';
import type { HostLocalSet } from '../dialects/host-local-set.ts';
import type { Pool } from '../store/claim-store.ts';
import type { FixedAddress } from '../wishes/fixed-address.ts';

/** An `ipam` object of a network, read by its dialect. */
export type IpamConfig = WhereaboutsIpam | SpiderpoolIpam | KubeOvnIpam | HostLocalIpam | StaticIpam;

/** Cluster-wide addresses: one claim of each pool, and what stands beside them. */
export interface WhereaboutsIpam extends IpamExtras {
  readonly dialect: 'whereabouts';
  readonly networkName: string;
  /** A claim's slot is its pool's position. */
  readonly pools: readonly Pool[];
  /** Prefix length of the part of a pool in which a node's pods look first. */
  readonly sliceLength?: number;
  readonly addresses: readonly FixedAddress[];
}

/** Addresses of SpiderIPPools, which pod, namespace, this configuration or the pools themselves name. */
export interface SpiderpoolIpam extends IpamExtras {
  readonly dialect: 'spiderpool';
  readonly networkName: string;
  readonly scope: string;
  /** `default_ipv4_ippool`, `default_ipv6_ippool`: names or wildcards. */
  readonly defaultPools: { readonly 4: readonly string[]; readonly 6: readonly string[] };
  /** `clean_gateway`: no default route. */
  readonly cleanGateway: boolean;
  /** `match_master_subnet`: only pools of the network that the device's physical function has an address of. */
  readonly matchMasterSubnet: boolean;
}

/** Addresses of the Kube-OVN Subnet that has this provider. */
export interface KubeOvnIpam extends IpamExtras {
  readonly dialect: 'kube-ovn';
  readonly networkName: string;
  readonly scope: string;
  /** `<NetworkAttachmentDefinition>.<namespace>`. */
  readonly provider: string;
}

/** Addresses of this node alone: one of each set. */
export interface HostLocalIpam extends IpamExtras {
  readonly dialect: 'host-local';
  readonly networkName: string;
  readonly sets: readonly HostLocalSet[];
  /** Where the reference plugin of that name keeps the network's addresses, unless in its usual folder. Ours are in the journal. */
  readonly dataDir?: string;
}

/** The addresses that the configuration or the pod names, the same for every pod that names none. */
export interface StaticIpam extends IpamExtras {
  readonly dialect: 'static';
  readonly networkName: string;
  readonly addresses: readonly FixedAddress[];
}

/** What goes into the CNI result beside the addresses. */
export interface IpamExtras {
  readonly routes: readonly CniRoute[];
  readonly dns: CniDns;
}

/** What a dialect must know beside its own object. */
export interface IpamContext {
  /** The CNI configuration's name. */
  readonly networkName: string;
  /** Names the configuration in errors: `NetworkAttachmentDefinition "ns/x"`. */
  readonly source: string;
  /** `namespace/name` of the NetworkAttachmentDefinition, where there is one. */
  readonly nad?: string;
  /** The `underlane.io/scope` annotation of the NetworkAttachmentDefinition. */
  readonly scope?: string;
  /** The node's own settings for Whereabouts; without it a configuration stands for itself. */
  readonly flatFile?: FlatFileSource;
}

/** Finds the file in which a node's administrator keeps what is the same for all Whereabouts configurations. */
export type FlatFileSource = (configurationPath: string | undefined) => FlatFile | undefined;

export interface FlatFile {
  readonly path: string;
  readonly text: string;
}

/** Whether a configuration hands out addresses of the whole cluster, for which the pod that owns them must be known. */
export function takesClaims(ipam: IpamConfig): ipam is WhereaboutsIpam | SpiderpoolIpam | KubeOvnIpam {
  if (ipam.dialect === 'whereabouts') return ipam.pools.length > 0;
  return ipam.dialect === 'spiderpool' || ipam.dialect === 'kube-ovn';
}

/** Whether a pod's annotations say which addresses it gets by a configuration. */
export function asksPod({ dialect }: IpamConfig): boolean {
  return dialect === 'spiderpool' || dialect === 'kube-ovn';
}
