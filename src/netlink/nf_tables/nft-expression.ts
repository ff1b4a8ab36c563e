/**
 * One step of a rule as the kernel runs it: loads go into a register, comparisons end the rule when they do not hold.
 * Data is hexadecimal, in the order of its bytes. Registers are NFT_REG_*: 0 is the verdict's, 1 to 4 have 16 bytes.
 */
export type NftExpression =
  | {
      readonly name: 'payload';
      readonly base: NftPayloadBase;
      readonly offset: number;
      readonly length: number;
      readonly to: number;
    }
  | { readonly name: 'meta'; readonly key: NftMetaKey; readonly to: number }
  | { readonly name: 'meta'; readonly key: NftMetaKey; readonly from: number }
  | { readonly name: 'ct'; readonly key: NftCtKey; readonly to: number }
  | { readonly name: 'ct'; readonly key: NftCtKey; readonly from: number }
  | { readonly name: 'cmp'; readonly from: number; readonly op: NftCompare; readonly data: string }
  | {
      readonly name: 'bitwise';
      readonly from: number;
      readonly to: number;
      /** `(register & mask) ^ xor` */
      readonly mask: string;
      readonly xor: string;
    }
  | { readonly name: 'immediate'; readonly to: number; readonly data: string }
  | { readonly name: 'verdict'; readonly verdict: NftVerdict; readonly chain?: string }
  | { readonly name: 'masq' }
  | { readonly name: 'counter' }
  /** Something that this codec cannot tell; it is never sent. */
  | { readonly name: 'other'; readonly kernelName: string };

/** Where the link's, the network's and the transport's header begin. */
export type NftPayloadBase = 'link' | 'network' | 'transport';
export type NftCompare = 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte';
export type NftMetaKey = 'protocol' | 'mark' | 'iifname' | 'oifname' | 'nfproto' | 'l4proto';
export type NftCtKey = 'state' | 'direction' | 'mark';
export type NftVerdict = 'accept' | 'drop' | 'continue' | 'return' | 'jump' | 'goto';

/** Numbers of linux/netfilter/nf_tables.h, in its order where they count from 0. */
export const NFT_PAYLOAD_BASES: readonly NftPayloadBase[] = ['link', 'network', 'transport'];
export const NFT_COMPARES: readonly NftCompare[] = ['eq', 'neq', 'lt', 'lte', 'gt', 'gte'];
export const NFT_META_KEYS: ReadonlyMap<NftMetaKey, number> = new Map([
  ['protocol', 1],
  ['mark', 3],
  ['iifname', 6],
  ['oifname', 7],
  ['nfproto', 15],
  ['l4proto', 16],
]);
export const NFT_CT_KEYS: ReadonlyMap<NftCtKey, number> = new Map([
  ['state', 0],
  ['direction', 1],
  ['mark', 3],
]);
export const NFT_VERDICTS: ReadonlyMap<NftVerdict, number> = new Map([
  ['drop', 0],
  ['accept', 1],
  ['continue', -1],
  ['jump', -3],
  ['goto', -4],
  ['return', -5],
]);

/** Attributes of each expression. */
export const NFTA_PAYLOAD = { DREG: 1, BASE: 2, OFFSET: 3, LEN: 4 } as const;
export const NFTA_META = { DREG: 1, KEY: 2, SREG: 3 } as const;
export const NFTA_CT = { DREG: 1, KEY: 2, SREG: 4 } as const;
export const NFTA_CMP = { SREG: 1, OP: 2, DATA: 3 } as const;
export const NFTA_BITWISE = { SREG: 1, DREG: 2, LEN: 3, MASK: 4, XOR: 5, OP: 6 } as const;
export const NFTA_IMMEDIATE = { DREG: 1, DATA: 2 } as const;
export const NFTA_MASQ_FLAGS = 1;
export const NFTA_DATA = { VALUE: 1, VERDICT: 2 } as const;
export const NFTA_VERDICT = { CODE: 1, CHAIN: 2 } as const;
export const NFTA_EXPR = { NAME: 1, DATA: 2 } as const;
export const NFTA_LIST_ELEM = 1;
export const NFT_REG_VERDICT = 0;
