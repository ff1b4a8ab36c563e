/** Observed kernel state as a whole. */
import type { AddressFact, LinkFact, NeighbourFact, NftablesFacts, RouteFact, RuleFact, VfFact } from '#netlink';

/** One namespace's state. `sysctls` holds only the keys that were asked for (`net/ipv4/ip_forward`). */
export interface NsFacts {
  readonly links: readonly LinkFact[];
  readonly addresses: readonly AddressFact[];
  readonly routes: readonly RouteFact[];
  readonly rules: readonly RuleFact[];
  readonly neighbours: readonly NeighbourFact[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** Only the tables that were asked for, and of their rules only those; absent when none were. */
  readonly nftables?: NftablesFacts;
  /** Only the physical functions that were asked for, by name, with their virtual ones. */
  readonly vfs?: Readonly<Record<string, readonly VfFact[]>>;
}

/** What a plan may look at: the node's namespace and the pod's. */
export interface Facts {
  readonly host: NsFacts;
  readonly pod: NsFacts;
  /** Only the devices that were asked for. */
  readonly devices?: readonly DeviceFact[];
}

/** A device on the PCI bus, as sysfs tells of it. */
export interface DeviceFact {
  /** `0000:03:02.1` */
  readonly id: string;
  /** None when nothing drives it. */
  readonly driver?: string;
  /** Its network interfaces that are in the node's namespace. */
  readonly links: readonly string[];
  /** Of a virtual function: which one it is, of which physical one. */
  readonly vf?: { readonly number: number; readonly pf: string; readonly pfLinks: readonly string[] };
}

export const emptyNftables: NftablesFacts = { tables: [], chains: [], rules: [] };

export const emptyNsFacts: NsFacts = { links: [], addresses: [], routes: [], rules: [], neighbours: [], sysctls: {} };
