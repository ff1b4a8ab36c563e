import { type Attribute, bytes, nested, text, u32be } from '../attribute.ts';
import {
  NFT_COMPARES,
  NFT_CT_KEYS,
  NFT_META_KEYS,
  NFT_PAYLOAD_BASES,
  NFT_REG_VERDICT,
  NFT_VERDICTS,
  NFTA_BITWISE,
  NFTA_CMP,
  NFTA_CT,
  NFTA_DATA,
  NFTA_EXPR,
  NFTA_IMMEDIATE,
  NFTA_LIST_ELEM,
  NFTA_META,
  NFTA_PAYLOAD,
  NFTA_VERDICT,
  type NftExpression,
} from './nft-expression.ts';

/** The elements of NFTA_RULE_EXPRESSIONS. */
export function encodeExpressions(expressions: readonly NftExpression[]): Attribute[] {
  return expressions.map(expression =>
    nested(NFTA_LIST_ELEM, [
      text(NFTA_EXPR.NAME, kernelName(expression)),
      nested(NFTA_EXPR.DATA, encodeExpression(expression)),
    ]),
  );
}

function kernelName(expression: NftExpression): string {
  if (expression.name === 'verdict') return 'immediate';
  return expression.name === 'other' ? expression.kernelName : expression.name;
}

function encodeExpression(expression: NftExpression): Attribute[] {
  switch (expression.name) {
    case 'payload':
      return [
        u32be(NFTA_PAYLOAD.DREG, expression.to),
        u32be(NFTA_PAYLOAD.BASE, NFT_PAYLOAD_BASES.indexOf(expression.base)),
        u32be(NFTA_PAYLOAD.OFFSET, expression.offset),
        u32be(NFTA_PAYLOAD.LEN, expression.length),
      ];
    case 'meta':
      return [
        u32be(NFTA_META.KEY, NFT_META_KEYS.get(expression.key) ?? 0),
        'to' in expression ? u32be(NFTA_META.DREG, expression.to) : u32be(NFTA_META.SREG, expression.from),
      ];
    case 'ct':
      return [
        u32be(NFTA_CT.KEY, NFT_CT_KEYS.get(expression.key) ?? 0),
        'to' in expression ? u32be(NFTA_CT.DREG, expression.to) : u32be(NFTA_CT.SREG, expression.from),
      ];
    case 'cmp':
      return [
        u32be(NFTA_CMP.SREG, expression.from),
        u32be(NFTA_CMP.OP, NFT_COMPARES.indexOf(expression.op)),
        value(NFTA_CMP.DATA, expression.data),
      ];
    case 'bitwise':
      return [
        u32be(NFTA_BITWISE.SREG, expression.from),
        u32be(NFTA_BITWISE.DREG, expression.to),
        u32be(NFTA_BITWISE.LEN, expression.mask.length / 2),
        value(NFTA_BITWISE.MASK, expression.mask),
        value(NFTA_BITWISE.XOR, expression.xor),
      ];
    case 'immediate':
      return [u32be(NFTA_IMMEDIATE.DREG, expression.to), value(NFTA_IMMEDIATE.DATA, expression.data)];
    case 'verdict':
      return [
        u32be(NFTA_IMMEDIATE.DREG, NFT_REG_VERDICT),
        nested(NFTA_IMMEDIATE.DATA, [nested(NFTA_DATA.VERDICT, encodeVerdict(expression))]),
      ];
    case 'masq':
    case 'counter':
    case 'other':
      return [];
  }
}

function encodeVerdict({ verdict, chain }: Extract<NftExpression, { readonly name: 'verdict' }>): Attribute[] {
  const code = u32be(NFTA_VERDICT.CODE, (NFT_VERDICTS.get(verdict) ?? 0) >>> 0);
  return chain === undefined ? [code] : [code, text(NFTA_VERDICT.CHAIN, chain)];
}

function value(type: number, hex: string): Attribute {
  return nested(type, [bytes(NFTA_DATA.VALUE, Buffer.from(hex, 'hex'))]);
}
