import type { NftTable } from '#facts';
import { isNftItem } from './nft-items.ts';
import type { Place, Wiring } from './wiring.ts';

/** The nftables tables that a wiring touches in one place: to be read into the facts for diff and compare. */
export function requiredNftables(wiring: Wiring, place: Place): readonly NftTable[] {
  const tables = new Map<string, NftTable>();
  for (const item of wiring) {
    if (!isNftItem(item) || item.place !== place) continue;
    const name = item.kind === 'nft-table' ? item.name : item.table;
    tables.set(`${item.family} ${name}`, { family: item.family, name });
  }
  return [...tables.values()];
}
