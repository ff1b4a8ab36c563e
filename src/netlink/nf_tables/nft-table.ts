import { forEachAttribute, readText, text } from '../attribute.ts';
import { NLM_F_CREATE } from '../message.ts';
import type { NftTable } from './nft-fact.ts';
import {
  decodeFamily,
  NFGENMSG_SIZE,
  NFT_MSG_DELTABLE,
  NFT_MSG_GETTABLE,
  NFT_MSG_NEWTABLE,
  type NftChange,
  NLM_F_NONREC,
  nftChange,
  nftRequest,
} from './nft-message.ts';
import type { NftSocket } from './nft-socket.ts';

const NFTA_TABLE_NAME = 1;

/** Makes a table; one that is there is taken as it is. Same as: `nft add table FAMILY NAME` */
export function addTable({ family, name }: NftTable): NftChange {
  const attributes = [text(NFTA_TABLE_NAME, name)];
  return nftChange(`add table "${family} ${name}"`, NFT_MSG_NEWTABLE, family, attributes, NLM_F_CREATE);
}

/** Deletes a table that holds nothing, else EBUSY. Same as: `nft delete table FAMILY NAME` for an empty one */
export function deleteTable({ family, name }: NftTable): NftChange {
  const attributes = [text(NFTA_TABLE_NAME, name)];
  return nftChange(`delete table "${family} ${name}"`, NFT_MSG_DELTABLE, family, attributes, NLM_F_NONREC);
}

/** The tables of all families that {@link NftTable} can tell. Same as: `nft list tables` */
export function listTables(socket: NftSocket): NftTable[] {
  return socket.dump(nftRequest(NFT_MSG_GETTABLE, undefined, []), 'list nf_tables tables', decodeTable);
}

function decodeTable(buffer: Buffer, start: number, end: number): NftTable | undefined {
  const family = decodeFamily(buffer, start);
  let name = '';
  forEachAttribute(buffer, start + NFGENMSG_SIZE, end, (type, from, to) => {
    if (type === NFTA_TABLE_NAME) name = readText(buffer, from, to);
  });
  return family && { family, name };
}
