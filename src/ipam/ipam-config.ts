import type { CniDns, CniRoute } from '#cni';
import type { Pool } from './claim-store.ts';
import type { HostLocalSet } from './dialects/host-local-set.ts';

/** An `ipam` object of a network, read by its dialect. */
export type IpamConfig = WhereaboutsIpam | HostLocalIpam;

/** Cluster-wide addresses: one claim of each pool. */
export interface WhereaboutsIpam extends IpamExtras {
  readonly dialect: 'whereabouts';
  readonly networkName: string;
  readonly pools: readonly Pool[];
}

/** Addresses of this node alone: one of each set. */
export interface HostLocalIpam extends IpamExtras {
  readonly dialect: 'host-local';
  readonly networkName: string;
  readonly sets: readonly HostLocalSet[];
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
  /** The `underlane.io/scope` annotation of the NetworkAttachmentDefinition. */
  readonly scope?: string;
}
