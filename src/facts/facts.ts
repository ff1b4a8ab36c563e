/** Observed kernel state as a whole. */
import type { AddressFact, LinkFact, NeighbourFact, NftablesFacts, RouteFact, RuleFact } from '#netlink';

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
}

/** What a plan may look at: the node's namespace and the pod's. */
export interface Facts {
  readonly host: NsFacts;
  readonly pod: NsFacts;
}

export const emptyNftables: NftablesFacts = { tables: [], chains: [], rules: [] };

export const emptyNsFacts: NsFacts = { links: [], addresses: [], routes: [], rules: [], neighbours: [], sysctls: {} };
