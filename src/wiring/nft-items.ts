import type { NftBase, NftFamily, NftStatement } from '#facts';
import type { Item } from './wiring.ts';

export type NftItem = NftTableItem | NftChainItem | NftRuleItem;

/** A table of nftables. Gone with its last user if nothing is left in it. */
export interface NftTableItem extends Item {
  readonly kind: 'nft-table';
  readonly family: NftFamily;
  readonly name: string;
}

/** A chain of such a table. Gone with its last user if no rule is left in it. */
export interface NftChainItem extends Item {
  readonly kind: 'nft-chain';
  readonly family: NftFamily;
  readonly table: string;
  readonly name: string;
  /** Where packets come to it by themselves; without it, they come by jumps. */
  readonly base?: NftBase;
}

/** A rule, behind those that are in its chain already. */
export interface NftRuleItem extends Item {
  readonly kind: 'nft-rule';
  readonly family: NftFamily;
  readonly table: string;
  readonly chain: string;
  /** What the rule is known by, alone in its chain; at most 127 bytes. */
  readonly comment: string;
  readonly statements: readonly NftStatement[];
}

export function isNftItem(item: { readonly kind: string }): item is NftItem {
  return item.kind === 'nft-table' || item.kind === 'nft-chain' || item.kind === 'nft-rule';
}
