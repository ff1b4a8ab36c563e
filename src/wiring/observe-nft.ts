import { isDeepStrictEqual } from 'node:util';
import { emptyNftables, type NftBase, type NftRule, type NsFacts } from '#facts';
import { compileStatements } from '#netlink';
import type { NftItem, NftRuleItem } from './nft-items.ts';
import { differences, equal, missing, type Observation } from './observation.ts';

/** Looks up an nftables item in the facts. Pure. */
export function observeNft(item: NftItem, { nftables = emptyNftables }: NsFacts): Observation {
  switch (item.kind) {
    case 'nft-table':
      return nftables.tables.some(({ family, name }) => family === item.family && name === item.name) ? equal : missing;
    case 'nft-chain': {
      const { family, table, name, base } = item;
      const fact = nftables.chains.find(
        chain => chain.family === family && chain.table === table && chain.name === name,
      );
      if (fact === undefined) return missing;
      if (isDeepStrictEqual(fact.base, base)) return equal;
      return { state: 'different', wrong: differences([['base', baseText(fact.base), baseText(base)]]) };
    }
    case 'nft-rule':
      return observeRule(item, nftables.rules);
  }
}

/** The rules of an item's chain that go by its comment. */
export function rulesOf({ family, table, chain, comment }: NftRuleItem, rules: readonly NftRule[]): readonly NftRule[] {
  return rules.filter(
    rule => rule.comment === comment && rule.chain === chain && rule.table === table && rule.family === family,
  );
}

function observeRule(item: NftRuleItem, rules: readonly NftRule[]): Observation {
  const [rule, ...more] = rulesOf(item, rules);
  if (rule === undefined) return missing;
  if (more.length > 0) return { state: 'different', wrong: `it is there ${more.length + 1} times, expected once` };
  if (isDeepStrictEqual(rule.expressions, compileStatements(item.family, item.statements))) return equal;
  return { state: 'different', wrong: 'a rule with its comment says something else' };
}

/** `nat postrouting 100 accept` */
function baseText(base: NftBase | undefined): string | undefined {
  return base === undefined ? undefined : `${base.type} ${base.hook} ${base.priority} ${base.policy}`;
}
