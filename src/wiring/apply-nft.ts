import { codeOf } from '#base';
import {
  addChain,
  addNftRule,
  addTable,
  deleteChain,
  deleteNftRule,
  deleteTable,
  listNftRules,
  type NftRule,
  type NftSocket,
} from '#netlink';
import type { Announce } from './announce.ts';
import type { PlaceHandle } from './handles.ts';
import type { NftItem, NftRuleItem } from './nft-items.ts';

/** Makes an nftables item. A rule takes the place of whatever has its comment, in one go. */
export function applyNft(item: NftItem, place: PlaceHandle, announce: Announce): void {
  const socket = place.nftables();
  switch (item.kind) {
    case 'nft-table':
      announce();
      socket.commit([addTable(item)]);
      return;
    case 'nft-chain':
      announce();
      socket.commit([addChain(item)]);
      return;
    case 'nft-rule': {
      const stale = staleRules(item, socket);
      announce();
      socket.commit([...stale.map(deleteNftRule), addNftRule(item)]);
      return;
    }
  }
}

/** Takes an nftables item away. A table or chain that others have put something into stays, and what is gone is gone. */
export function undoNft(item: NftItem, place: PlaceHandle): void {
  const socket = place.nftables();
  try {
    switch (item.kind) {
      case 'nft-table':
        socket.commit([deleteTable(item)]);
        return;
      case 'nft-chain':
        socket.commit([deleteChain(item)]);
        return;
      case 'nft-rule':
        socket.commit(staleRules(item, socket).map(deleteNftRule));
        return;
    }
  } catch (error) {
    if (!['ENOENT', 'EBUSY'].includes(codeOf(error))) throw error;
  }
}

/** The rules that go by an item's comment. */
function staleRules({ family, table, chain, comment }: NftRuleItem, socket: NftSocket): readonly NftRule[] {
  return listNftRules(socket, { family, table, chain, comments: new Set([comment]) });
}
