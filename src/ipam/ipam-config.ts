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
  readonly routes: readonly IpamRoute[];
  readonly dns: IpamDns;
}

/** A route of a CNI result. */
export interface IpamRoute {
  readonly dst: string;
  readonly gw?: string;
  readonly mtu?: number;
  readonly advmss?: number;
  readonly priority?: number;
  readonly table?: number;
  readonly scope?: number;
}

/** Name service of a CNI result. */
export interface IpamDns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
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
