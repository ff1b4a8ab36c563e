import { emptyNftables, type NftablesFacts } from '#facts';
import { compileStatements } from '#netlink';
import type { NftItem } from './nft-items.ts';
import { rulesOf } from './observe-nft.ts';

/** The tables as they would be with the item made. Pure. */
export function layNft(before: NftablesFacts = emptyNftables, item: NftItem): NftablesFacts {
  switch (item.kind) {
    case 'nft-table': {
      const { family, name } = item;
      const others = before.tables.filter(table => table.family !== family || table.name !== name);
      return { ...before, tables: [...others, { family, name }] };
    }
    case 'nft-chain': {
      const { family, table, name, base } = item;
      const others = before.chains.filter(
        chain => chain.family !== family || chain.table !== table || chain.name !== name,
      );
      return { ...before, chains: [...others, { family, table, name, ...(base === undefined ? {} : { base }) }] };
    }
    case 'nft-rule': {
      const { family, table, chain, comment, statements } = item;
      const stale = new Set(rulesOf(item, before.rules));
      const rule = { family, table, chain, comment, handle: 0, expressions: compileStatements(family, statements) };
      return { ...before, rules: [...before.rules.filter(each => !stale.has(each)), rule] };
    }
  }
}
