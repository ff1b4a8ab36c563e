/** The nftables wirings that the tests of this room share. */
import type { Wiring } from './wiring.ts';

const nat = { type: 'nat', hook: 'postrouting', priority: 100, policy: 'accept' } as const;

/** What attachment `n` wants: a table and a chain with the others, and two rules of its own. */
export function nftWiringOf(n: number): Wiring {
  const place = { place: 'host', family: 'inet' } as const;
  const rule = { ...place, kind: 'nft-rule', table: 'underlane', chain: 'source' } as const;
  return [
    { ...place, kind: 'nft-table', name: 'underlane', shared: 'nft/inet underlane' },
    {
      ...place,
      kind: 'nft-chain',
      table: 'underlane',
      name: 'source',
      base: nat,
      shared: 'nft/inet underlane source',
    },
    {
      ...rule,
      comment: `pod ${n}, IPv4`,
      statements: [
        { kind: 'match', field: 'ip saddr', value: `10.0.0.${10 + n}` },
        { kind: 'match', field: 'ip daddr', value: '10.0.0.0/24', isNot: true },
        { kind: 'masquerade' },
      ],
    },
    {
      ...rule,
      comment: `pod ${n}, IPv6`,
      statements: [{ kind: 'match', field: 'ip6 saddr', value: `fd00::${10 + n}` }, { kind: 'masquerade' }],
    },
  ];
}
