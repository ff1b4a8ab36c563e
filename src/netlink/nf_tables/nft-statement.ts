/** One part of a rule as people say it: what a packet must be, then what becomes of it. */
export type NftStatement =
  | {
      readonly kind: 'match';
      readonly field: NftField;
      /** A name for interfaces and protocols, a prefix for addresses, a MAC, a port, a state. */
      readonly value: string;
      readonly isNot?: true;
    }
  /** The bits of `mask` are as in `value`. */
  | (NftMark & { readonly kind: 'match-mark'; readonly isNot?: true })
  /** Sets the bits of `mask` as in `value`, and leaves the others. */
  | (NftMark & { readonly kind: 'set-mark' })
  | { readonly kind: 'counter' }
  /** The source address becomes that of the interface which the packet leaves by. */
  | { readonly kind: 'masquerade' }
  | { readonly kind: 'accept' | 'drop' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export type NftField =
  | 'iifname'
  | 'oifname'
  | 'ip saddr'
  | 'ip daddr'
  | 'ip6 saddr'
  | 'ip6 daddr'
  | 'ether saddr'
  | 'ether daddr'
  | 'meta l4proto'
  | 'tcp dport'
  | 'udp dport'
  | 'ct state'
  | 'ct direction';

/** A mark always has a mask: the other bits are somebody else's. */
export interface NftMark {
  /** The packet's, or its connection's. */
  readonly of: 'meta' | 'ct';
  readonly value: number;
  readonly mask: number;
}

/** The statements as `nft` writes them. */
export function formatStatements(statements: readonly NftStatement[]): string {
  return statements.map(formatStatement).join(' ');
}

function formatStatement(statement: NftStatement): string {
  switch (statement.kind) {
    case 'match': {
      const isName = statement.field === 'iifname' || statement.field === 'oifname';
      return `${statement.field} ${statement.isNot === true ? '!= ' : ''}${isName ? `"${statement.value}"` : statement.value}`;
    }
    case 'match-mark': {
      const { of, mask, value, isNot } = statement;
      return `${of} mark and ${hex(mask)} ${isNot === true ? '!=' : '=='} ${hex(value)}`;
    }
    case 'set-mark': {
      const { of, mask, value } = statement;
      return `${of} mark set ${of} mark and ${hex(~mask)} or ${hex(value)}`;
    }
    case 'jump':
    case 'goto':
      return `${statement.kind} ${statement.chain}`;
    default:
      return statement.kind;
  }
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
