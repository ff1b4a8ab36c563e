import { forEachAttribute } from '../attribute.ts';
import { NetlinkError } from '../errors.ts';
import { listChains } from './nft-chain.ts';
import type { NftChain, NftRule, NftTable } from './nft-fact.ts';
import { NFGENMSG_SIZE, NFT_MSG_GETGEN, nftRequest } from './nft-message.ts';
import { listNftRules } from './nft-rule.ts';
import type { NftSocket } from './nft-socket.ts';
import { listTables } from './nft-table.ts';

const NFTA_GEN_ID = 1;

/** Each attempt that fails means that somebody changed rules within it. */
const MAX_ATTEMPTS = 20;

/** Tables with all that is in them. */
export interface NftablesFacts {
  readonly tables: readonly NftTable[];
  readonly chains: readonly NftChain[];
  readonly rules: readonly NftRule[];
}

/** A table, and which of its rules matter. */
export interface NftTableQuery extends NftTable {
  /** As {@link NftRuleQuery.comments}. */
  readonly comments?: ReadonlySet<string>;
}

/**
 * What is there of the named tables, all of one moment. Tables that are not there are left out.
 * Same as: `nft list table FAMILY NAME` for each
 *
 * @throws NetlinkError, with code "EINTR" when the rules never hold still
 */
export function readNftables(socket: NftSocket, wanted: readonly NftTableQuery[]): NftablesFacts {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const generation = readGeneration(socket);
    const facts = readTables(socket, wanted);
    if (readGeneration(socket) === generation) return facts;
  }
  throw new NetlinkError('read nf_tables', 'EINTR', `the rules changed during each of ${MAX_ATTEMPTS} readings`);
}

function readTables(socket: NftSocket, wanted: readonly NftTableQuery[]): NftablesFacts {
  const present = listTables(socket);
  const queries = wanted.filter(({ family, name }) =>
    present.some(table => table.family === family && table.name === name),
  );
  const tables = queries.map(({ family, name }) => ({ family, name }));
  const families = new Set(tables.map(({ family }) => family));
  return {
    tables,
    chains: [...families].flatMap(family =>
      listChains(socket, family).filter(chain => tables.some(({ name }) => chain.table === name)),
    ),
    rules: queries.flatMap(({ family, name, comments }) =>
      listNftRules(socket, { family, table: name, ...(comments === undefined ? {} : { comments }) }),
    ),
  };
}

/** Grows with each change that anybody makes to the namespace's rules. */
function readGeneration(socket: NftSocket): number {
  return socket.fetch(
    nftRequest(NFT_MSG_GETGEN, undefined, []),
    'read the generation of nf_tables',
    (buffer, start, end) => {
      let generation: number | undefined;
      forEachAttribute(buffer, start + NFGENMSG_SIZE, end, (type, from) => {
        if (type === NFTA_GEN_ID) generation = buffer.readUInt32BE(from);
      });
      return generation;
    },
  );
}
