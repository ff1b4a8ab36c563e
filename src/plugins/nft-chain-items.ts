import type { NftBase, NftFamily } from '#facts';
import type { NftItem, NftRuleItem } from '#wiring';
import type { AttachmentSpec } from './plugin.ts';

/** A base chain of ours on the host: one for each purpose. */
export interface NftChainSpec {
  readonly family: NftFamily;
  readonly name: string;
  readonly base: NftBase;
}

/** All our tables have this name; others' are never touched. */
const TABLE = 'underlane';

/** What nftables takes. */
const MAX_COMMENT_BYTES = 127;

/** The table and the chain, shared by all that have a rule in it. */
export function nftChainItems({ family, name, base }: NftChainSpec): readonly NftItem[] {
  const shared = `nft:${family}/${TABLE}`;
  return [
    { kind: 'nft-table', place: 'host', shared, family, name: TABLE },
    { kind: 'nft-chain', place: 'host', shared: `${shared}/${name}`, family, table: TABLE, name, base },
  ];
}

/** An attachment's own rule in such a chain. `subject` tells it from the attachment's others there. */
export function nftRuleItem(
  { family, name }: NftChainSpec,
  { containerId, ifname }: AttachmentSpec,
  subject: string,
  statements: NftRuleItem['statements'],
): NftRuleItem {
  const whose = `${subject}, ${ifname} of `;
  // IDs of the runtimes in use fit; of longer ones the first characters tell enough.
  const comment = `${whose}${containerId.slice(0, MAX_COMMENT_BYTES - Buffer.byteLength(whose))}`;
  return { kind: 'nft-rule', place: 'host', family, table: TABLE, chain: name, comment, statements };
}
