import { NetlinkError } from '../errors.ts';
import type { NftFamily } from '../nft-family.ts';
import { compileField, type Need } from './compile-field.ts';
import type { NftExpression } from './nft-expression.ts';

import type { NftMark, NftStatement } from './nft-statement.ts';

/**
 * What the kernel is to run for the statements. Same as `nft --debug=netlink add rule ...`: a field of IPv4, IPv6 or a
 * transport is read only after a look that the packet has it.
 *
 * @throws NetlinkError with code "EINVAL" for a field that the family does not have, or a value that the field cannot have
 */
export function compileStatements(family: NftFamily, statements: readonly NftStatement[]): NftExpression[] {
  const known = new Set<Need>();
  return statements.flatMap(statement => {
    if (statement.kind !== 'match') return compileOther(statement);
    const { need, expressions } = compileField(family, statement);
    if (need === undefined || known.has(need.name)) return expressions;
    known.add(need.name);
    return [...need.expressions, ...expressions];
  });
}

function compileOther(statement: Exclude<NftStatement, { readonly kind: 'match' }>): readonly NftExpression[] {
  switch (statement.kind) {
    case 'match-mark': {
      const { value, mask, isNot } = statement;
      assertWithin(statement);
      return [
        loadMark(statement),
        { name: 'bitwise', from: REGISTER, to: REGISTER, mask: word(mask), xor: word(0) },
        { name: 'cmp', from: REGISTER, op: isNot === true ? 'neq' : 'eq', data: word(value) },
      ];
    }
    case 'set-mark': {
      const { value, mask } = statement;
      assertWithin(statement);
      return [
        loadMark(statement),
        { name: 'bitwise', from: REGISTER, to: REGISTER, mask: word(~mask), xor: word(value) },
        statement.of === 'ct'
          ? { name: 'ct', key: 'mark', from: REGISTER }
          : { name: 'meta', key: 'mark', from: REGISTER },
      ];
    }
    case 'counter':
      return [{ name: 'counter' }];
    case 'masquerade':
      return [{ name: 'masq' }];
    case 'jump':
    case 'goto':
      return [{ name: 'verdict', verdict: statement.kind, chain: statement.chain }];
    default:
      return [{ name: 'verdict', verdict: statement.kind }];
  }
}

const REGISTER = 1;

function loadMark({ of }: NftMark): NftExpression {
  return of === 'ct' ? { name: 'ct', key: 'mark', to: REGISTER } : { name: 'meta', key: 'mark', to: REGISTER };
}

/** Registers hold marks in the machine's byte order. */
function word(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes.toString('hex');
}

function assertWithin({ of, value, mask }: NftMark): void {
  if ((value & ~mask) === 0) return;
  const text = `0x${value.toString(16)}/0x${mask.toString(16)}`;
  throw new NetlinkError(`match ${of} mark ${text}`, 'EINVAL', 'expected a value within its mask');
}
