import type { Attribute } from '../attribute.ts';
import type { Request } from '../message.ts';
import { NFT_FAMILIES, type NftFamily } from '../nft-family.ts';
import type { NftHook } from './nft-fact.ts';

/** A change that goes into a batch; `action` says what it does, for errors. */
export interface NftChange {
  readonly request: Request;
  readonly action: string;
}

export const NFT_MSG_NEWTABLE = 0;
export const NFT_MSG_GETTABLE = 1;
export const NFT_MSG_DELTABLE = 2;
export const NFT_MSG_NEWCHAIN = 3;
export const NFT_MSG_GETCHAIN = 4;
export const NFT_MSG_DELCHAIN = 5;
export const NFT_MSG_NEWRULE = 6;
export const NFT_MSG_GETRULE = 7;
export const NFT_MSG_DELRULE = 8;
export const NFT_MSG_GETGEN = 16;

/** Refuses to delete what still holds something. */
export const NLM_F_NONREC = 0x100;

export const NFNL_SUBSYS_NFTABLES = 10;

/** `struct nfgenmsg`: u8 family, u8 version, u16 resource in network byte order. */
export const NFGENMSG_SIZE = 4;

export function encodeNfgenmsg(family: number, resource = 0): Buffer {
  return Buffer.of(family, 0, resource >> 8, resource & 0xff);
}

/** A request for nf_tables. */
export function nftRequest(
  type: number,
  family: NftFamily | undefined,
  attributes: readonly Attribute[],
  flags = 0,
): Request {
  const header = encodeNfgenmsg(family === undefined ? 0 : NFT_FAMILIES[family]);
  return { type: (NFNL_SUBSYS_NFTABLES << 8) | type, flags, header, attributes };
}

export function nftChange(
  action: string,
  type: number,
  family: NftFamily,
  attributes: readonly Attribute[],
  flags = 0,
): NftChange {
  return { action, request: nftRequest(type, family, attributes, flags) };
}

/** The family of a received message; undefined for those that this codec does not deal with (arp, netdev). */
export function decodeFamily(buffer: Buffer, start: number): NftFamily | undefined {
  const number = buffer.readUInt8(start);
  for (const family of ['ip', 'ip6', 'inet', 'bridge'] as const) if (NFT_FAMILIES[family] === number) return family;
  return undefined;
}

/** NF_INET_* and NF_BR_*, which are the same. */
export const NFT_HOOKS: readonly NftHook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];
