import type { NftTableQuery } from '#netlink';
import { isNftItem } from './nft-items.ts';
import type { Place, Wiring } from './wiring.ts';

/** The nftables tables that a wiring touches in one place, and its rules there: to be read into the facts for diff and compare. */
export function requiredNftables(wiring: Wiring, place: Place): readonly NftTableQuery[] {
  const items = wiring.filter(isNftItem).filter(item => item.place === place);
  const byTable = Map.groupBy(items, item => `${item.family} ${item.kind === 'nft-table' ? item.name : item.table}`);
  return [...byTable.values()].flatMap(group => {
    const [first] = group;
    if (first === undefined) return [];
    const comments = new Set(group.flatMap(item => (item.kind === 'nft-rule' ? [item.comment] : [])));
    return [{ family: first.family, name: first.kind === 'nft-table' ? first.name : first.table, comments }];
  });
}
