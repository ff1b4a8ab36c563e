import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Facts } from '#facts';
import { compare } from './compare.ts';
import { diff } from './diff.ts';
import type { NftRuleItem } from './nft-items.ts';
import { overlayWiring } from './overlay.ts';
import { requiredNftables } from './required-nftables.ts';
import { plainFacts } from './testing.ts';
import { nftWiringOf } from './testing-nft.ts';
import { formatItem } from './trace.ts';

const wiring = nftWiringOf(0);
const wired = overlayWiring(plainFacts, wiring);

describe('nftables items', () => {
  test('formatItem() gives the nft command', () => {
    assert.deepEqual(wiring.map(formatItem), [
      'nft add table inet underlane',
      "nft 'add chain inet underlane source { type nat hook postrouting priority 100; policy accept; }'",
      `nft 'add rule inet underlane source ip saddr 10.0.0.10 ip daddr != 10.0.0.0/24 masquerade comment "pod 0, IPv4"'`,
      `nft 'add rule inet underlane source ip6 saddr fd00::10 masquerade comment "pod 0, IPv6"'`,
    ]);
    const inPod = { kind: 'nft-chain', place: 'pod', family: 'ip', table: 't', name: 'c' } as const;
    assert.equal(formatItem(inPod), "ip netns exec pod nft 'add chain ip t c'");
  });

  test('diff() creates all on a bare node, nothing once they are there, and a second user finds the shared ones', () => {
    const ops = (facts: Facts, n = 0) => diff(nftWiringOf(n), facts).map(({ op }) => op);
    assert.deepEqual(ops(plainFacts), ['create', 'create', 'create', 'create']);
    assert.deepEqual(ops(wired), ['keep', 'keep', 'keep', 'keep']);
    assert.deepEqual(ops(wired, 1), ['keep', 'keep', 'create', 'create']);
  });

  test('compare() names what is missing, double or different', () => {
    assert.deepEqual(compare(wiring, wired), []);
    assert.deepEqual(
      compare(wiring, plainFacts).map(({ message }) => message),
      [
        'nftables table inet underlane is missing on the host',
        'nftables chain inet underlane source is missing on the host',
        'nftables rule "pod 0, IPv4" of chain inet underlane source is missing on the host',
        'nftables rule "pod 0, IPv6" of chain inet underlane source is missing on the host',
      ],
    );
    const { tables = [], chains = [], rules = [] } = wired.host.nftables ?? {};
    const withRules = (change: Partial<NonNullable<Facts['host']['nftables']>>): Facts => ({
      ...wired,
      host: { ...wired.host, nftables: { tables, chains, rules, ...change } },
    });
    const messages = (facts: Facts) => compare(wiring, facts).map(({ message }) => message);
    assert.match(
      messages(withRules({ rules: [...rules, ...rules.slice(0, 1)] }))[0] ?? '',
      /there 2 times, expected once$/,
    );
    const other = rules.map(rule => ({ ...rule, expressions: rule.expressions.slice(1) }));
    assert.match(messages(withRules({ rules: other }))[0] ?? '', /a rule with its comment says something else$/);
    const moved = chains.map(({ base: _base, ...chain }) => chain);
    assert.match(messages(withRules({ chains: moved }))[0] ?? '', /base is none, expected nat postrouting 100 accept$/);
  });

  test('requiredNftables() tells each table once, by place', () => {
    assert.deepEqual(requiredNftables([...wiring, ...nftWiringOf(1)], 'host'), [
      {
        family: 'inet',
        name: 'underlane',
        comments: new Set(['pod 0, IPv4', 'pod 0, IPv6', 'pod 1, IPv4', 'pod 1, IPv6']),
      },
    ]);
    assert.deepEqual(requiredNftables(wiring, 'pod'), []);
  });

  test('a rule that takes the place of another of its comment is alone in the overlay', () => {
    const [, , rule] = wiring;
    const changed: NftRuleItem = { ...(rule as NftRuleItem), statements: [{ kind: 'masquerade' }] };
    const rules = overlayWiring(wired, [changed]).host.nftables?.rules ?? [];
    assert.deepEqual(
      rules.map(({ comment, expressions }) => [comment, expressions.length]),
      [
        ['pod 0, IPv6', 5],
        ['pod 0, IPv4', 1],
      ],
    );
  });
});
