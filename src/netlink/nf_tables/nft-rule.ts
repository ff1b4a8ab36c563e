import { bytes, forEachAttribute, nested, readText, text, u64be } from '../attribute.ts';
import { NLM_F_APPEND, NLM_F_CREATE } from '../message.ts';
import type { NftFamily } from '../nft-family.ts';
import { compileStatements } from './compile-statements.ts';
import { decodeExpressions } from './decode-expression.ts';
import { encodeExpressions } from './encode-expression.ts';
import { decodeComment, encodeComment } from './nft-comment.ts';
import type { NftExpression } from './nft-expression.ts';
import type { NftRule } from './nft-fact.ts';
import {
  decodeFamily,
  NFGENMSG_SIZE,
  NFT_MSG_DELRULE,
  NFT_MSG_GETRULE,
  NFT_MSG_NEWRULE,
  type NftChange,
  nftChange,
  nftRequest,
} from './nft-message.ts';
import type { NftSocket } from './nft-socket.ts';
import { formatStatements, type NftStatement } from './nft-statement.ts';

const NFTA_RULE_TABLE = 1;
const NFTA_RULE_CHAIN = 2;
const NFTA_RULE_HANDLE = 3;
const NFTA_RULE_EXPRESSIONS = 4;
const NFTA_RULE_USERDATA = 7;

/** Where a rule stands. */
export interface NftRulePlace {
  readonly family: NftFamily;
  readonly table: string;
  readonly chain: string;
}

export interface NftRuleSpec extends NftRulePlace {
  readonly statements: readonly NftStatement[];
  /** Whose it is; at most 127 bytes. */
  readonly comment: string;
}

/**
 * Puts a rule behind the others of its chain. The kernel takes any number of the same.
 * Same as: `nft add rule FAMILY TABLE CHAIN STATEMENTS comment COMMENT`
 *
 * @throws NetlinkError with code "EINVAL" for statements that the family does not have
 */
export function addNftRule({ family, table, chain, statements, comment }: NftRuleSpec): NftChange {
  const attributes = [
    text(NFTA_RULE_TABLE, table),
    text(NFTA_RULE_CHAIN, chain),
    nested(NFTA_RULE_EXPRESSIONS, encodeExpressions(compileStatements(family, statements))),
    bytes(NFTA_RULE_USERDATA, encodeComment(comment)),
  ];
  const action = `add rule "${formatStatements(statements)}" to chain "${family} ${table} ${chain}"`;
  return nftChange(action, NFT_MSG_NEWRULE, family, attributes, NLM_F_CREATE | NLM_F_APPEND);
}

/** Same as: `nft delete rule FAMILY TABLE CHAIN handle HANDLE` */
export function deleteNftRule({ family, table, chain, handle }: NftRulePlace & { readonly handle: number }): NftChange {
  const attributes = [text(NFTA_RULE_TABLE, table), text(NFTA_RULE_CHAIN, chain), u64be(NFTA_RULE_HANDLE, handle)];
  const action = `delete rule ${handle} of chain "${family} ${table} ${chain}"`;
  return nftChange(action, NFT_MSG_DELRULE, family, attributes);
}

/** Which rules are looked for. */
export interface NftRuleQuery extends Omit<NftRulePlace, 'chain'> {
  /** Absent: in all of the table's. */
  readonly chain?: string;
  /** Those with these comments only: what others say is not even decoded, and there can be a thousand. Absent: all. */
  readonly comments?: ReadonlySet<string>;
}

/** The rules of a chain, or of all of a table's chains, in order; none when there is no such. Same as: `nft -a list chain FAMILY TABLE CHAIN` */
export function listNftRules(socket: NftSocket, { family, table, chain, comments }: NftRuleQuery): NftRule[] {
  const attributes = [text(NFTA_RULE_TABLE, table), ...(chain === undefined ? [] : [text(NFTA_RULE_CHAIN, chain)])];
  return socket.dump(
    nftRequest(NFT_MSG_GETRULE, family, attributes),
    `list rules of "${family} ${table}"`,
    (buffer, start, end) => decodeRule(buffer, start, end, comments),
  );
}

function decodeRule(
  buffer: Buffer,
  start: number,
  end: number,
  comments: ReadonlySet<string> | undefined,
): NftRule | undefined {
  const family = decodeFamily(buffer, start);
  const comment = findComment(buffer, start + NFGENMSG_SIZE, end);
  if (family === undefined || (comments !== undefined && !comments.has(comment ?? ''))) return undefined;
  let [table, chain, handle] = ['', '', 0];
  let expressions: readonly NftExpression[] = [];
  forEachAttribute(buffer, start + NFGENMSG_SIZE, end, (type, from, to) => {
    if (type === NFTA_RULE_TABLE) table = readText(buffer, from, to);
    else if (type === NFTA_RULE_CHAIN) chain = readText(buffer, from, to);
    else if (type === NFTA_RULE_HANDLE) handle = Number(buffer.readBigUInt64BE(from));
    else if (type === NFTA_RULE_EXPRESSIONS) expressions = decodeExpressions(buffer, from, to);
  });
  return { family, table, chain, handle, ...(comment === undefined ? {} : { comment }), expressions };
}

/** It stands behind the expressions. */
function findComment(buffer: Buffer, start: number, end: number): string | undefined {
  let comment: string | undefined;
  forEachAttribute(buffer, start, end, (type, from, to) => {
    if (type === NFTA_RULE_USERDATA) comment = decodeComment(buffer.subarray(from, to));
  });
  return comment;
}
