import { forEachAttribute, readText } from '../attribute.ts';
import {
  NFT_COMPARES,
  NFT_CT_KEYS,
  NFT_META_KEYS,
  NFT_PAYLOAD_BASES,
  NFT_VERDICTS,
  NFTA_BITWISE,
  NFTA_CMP,
  NFTA_CT,
  NFTA_DATA,
  NFTA_EXPR,
  NFTA_IMMEDIATE,
  NFTA_MASQ_FLAGS,
  NFTA_META,
  NFTA_PAYLOAD,
  NFTA_VERDICT,
  type NftExpression,
} from './nft-expression.ts';

/** The expressions of NFTA_RULE_EXPRESSIONS, in order. What this codec does not know comes as `other`. */
export function decodeExpressions(buffer: Buffer, start: number, end: number): NftExpression[] {
  const expressions: NftExpression[] = [];
  forEachAttribute(buffer, start, end, (_element, from, to) => {
    const fields = readFields(buffer, from, to);
    const kernelName = fields.text(NFTA_EXPR.NAME);
    expressions.push(decodeExpression(kernelName, fields.nested(NFTA_EXPR.DATA)) ?? { name: 'other', kernelName });
  });
  return expressions;
}

function decodeExpression(name: string, fields: Fields): NftExpression | undefined {
  switch (name) {
    case 'payload': {
      const base = NFT_PAYLOAD_BASES[fields.number(NFTA_PAYLOAD.BASE)];
      const [offset, length] = [fields.number(NFTA_PAYLOAD.OFFSET), fields.number(NFTA_PAYLOAD.LEN)];
      if (base === undefined || !fields.has(NFTA_PAYLOAD.DREG)) return undefined;
      return { name, base, offset, length, to: fields.number(NFTA_PAYLOAD.DREG) };
    }
    case 'meta': {
      const key = keyOf(NFT_META_KEYS, fields.number(NFTA_META.KEY));
      return key && { name, key, ...registerOf(fields, NFTA_META) };
    }
    case 'ct': {
      const key = keyOf(NFT_CT_KEYS, fields.number(NFTA_CT.KEY));
      return key && { name, key, ...registerOf(fields, NFTA_CT) };
    }
    case 'cmp': {
      const op = NFT_COMPARES[fields.number(NFTA_CMP.OP)];
      return op && { name, from: fields.number(NFTA_CMP.SREG), op, data: fields.value(NFTA_CMP.DATA) };
    }
    case 'bitwise':
      // Any other operation (shifts, or with a second register) is nothing that we send.
      if (fields.number(NFTA_BITWISE.OP) !== 0) return undefined;
      return {
        name,
        from: fields.number(NFTA_BITWISE.SREG),
        to: fields.number(NFTA_BITWISE.DREG),
        mask: fields.value(NFTA_BITWISE.MASK),
        xor: fields.value(NFTA_BITWISE.XOR),
      };
    case 'immediate':
      return decodeImmediate(fields);
    case 'masq':
      return fields.number(NFTA_MASQ_FLAGS) === 0 ? { name } : undefined;
    case 'counter':
      return { name };
    default:
      return undefined;
  }
}

function decodeImmediate(fields: Fields): NftExpression | undefined {
  const data = fields.nested(NFTA_IMMEDIATE.DATA);
  if (!data.has(NFTA_DATA.VERDICT)) {
    return { name: 'immediate', to: fields.number(NFTA_IMMEDIATE.DREG), data: fields.value(NFTA_IMMEDIATE.DATA) };
  }
  const fact = data.nested(NFTA_DATA.VERDICT);
  const verdict = keyOf(NFT_VERDICTS, fact.number(NFTA_VERDICT.CODE) | 0);
  const chain = fact.has(NFTA_VERDICT.CHAIN) ? { chain: fact.text(NFTA_VERDICT.CHAIN) } : {};
  return verdict && { name: 'verdict', verdict, ...chain };
}

/** The attributes of one level. Absent numbers are 0, as the kernel leaves out what is at its default. */
interface Fields {
  has(type: number): boolean;
  number(type: number): number;
  text(type: number): string;
  nested(type: number): Fields;
  /** The bytes of an attribute, hexadecimal. */
  hex(type: number): string;
  /** The bytes of the NFTA_DATA_VALUE inside, hexadecimal. */
  value(type: number): string;
}

function readFields(buffer: Buffer, start: number, end: number): Fields {
  const places = new Map<number, readonly [from: number, to: number]>();
  forEachAttribute(buffer, start, end, (type, from, to) => places.set(type, [from, to]));
  const placeOf = (type: number) => places.get(type) ?? ([0, 0] as const);
  const inner = (type: number): Fields => readFields(buffer, ...placeOf(type));
  return {
    has: type => places.has(type),
    number: type => (places.has(type) ? buffer.readUInt32BE(placeOf(type)[0]) : 0),
    text: type => readText(buffer, ...placeOf(type)),
    nested: inner,
    hex: type => buffer.toString('hex', ...placeOf(type)),
    value: type => inner(type).hex(NFTA_DATA.VALUE),
  };
}

/** Registers that are written are `to`, those that are read `from`. */
function registerOf(fields: Fields, { DREG, SREG }: { readonly DREG: number; readonly SREG: number }) {
  return fields.has(SREG) ? { from: fields.number(SREG) } : { to: fields.number(DREG) };
}

function keyOf<Key>(numbers: ReadonlyMap<Key, number>, number: number): Key | undefined {
  for (const [key, each] of numbers) if (each === number) return key;
  return undefined;
}
