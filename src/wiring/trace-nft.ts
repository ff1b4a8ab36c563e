import { formatStatements } from '#netlink';
import type { NftChainItem, NftItem } from './nft-items.ts';

/** `nftables chain inet underlane masquerade` */
export function describeNft(item: NftItem): string {
  const { family } = item;
  switch (item.kind) {
    case 'nft-table':
      return `nftables table ${family} ${item.name}`;
    case 'nft-chain':
      return `nftables chain ${family} ${item.table} ${item.name}`;
    case 'nft-rule':
      return `nftables rule "${item.comment}" of chain ${family} ${item.table} ${item.chain}`;
  }
}

/** The `nft` command that would make the item; in quotes where a shell would stumble. */
export function nftCommand(item: NftItem): string {
  const nft = item.place === 'pod' ? 'ip netns exec pod nft' : 'nft';
  const { family } = item;
  switch (item.kind) {
    case 'nft-table':
      return `${nft} add table ${family} ${item.name}`;
    case 'nft-chain':
      return `${nft} 'add chain ${family} ${item.table} ${item.name}${baseTerms(item)}'`;
    case 'nft-rule':
      return `${nft} 'add rule ${family} ${item.table} ${item.chain} ${formatStatements(item.statements)} comment "${item.comment}"'`;
  }
}

function baseTerms({ base }: NftChainItem): string {
  if (base === undefined) return '';
  const { type, hook, priority, policy } = base;
  return ` { type ${type} hook ${hook} priority ${priority}; policy ${policy}; }`;
}
