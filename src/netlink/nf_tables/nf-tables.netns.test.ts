import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { skipUnlessRing2 } from '../../netns/testing.ts';
import type { NftFamily } from '../nft-family.ts';
import { skipUnlessNftables, type TestNamespace, withNamespaces } from '../testing.ts';
import { compileStatements } from './compile-statements.ts';
import { addChain, deleteChain } from './nft-chain.ts';
import type { NftBase, NftChain } from './nft-fact.ts';
import { addNftRule, deleteNftRule, listNftRules } from './nft-rule.ts';
import { type NftSocket, openNftSocket } from './nft-socket.ts';
import type { NftStatement } from './nft-statement.ts';
import { formatStatements } from './nft-statement.ts';
import { addTable, deleteTable } from './nft-table.ts';
import { readNftables } from './read-nftables.ts';

const options = skipUnlessNftables(skipUnlessRing2());
const base: NftBase = { type: 'filter', hook: 'postrouting', priority: -5, policy: 'accept' };

describe('nf_tables', options, () => {
  test('addTable(), addChain(): nft shows them, adding twice is fine, readNftables() tells the same', async () => {
    await withTables((socket, here) => {
      for (const family of ['ip', 'ip6', 'inet', 'bridge'] as const) {
        const table = { family, name: 'underlane' };
        const chains: readonly NftChain[] = [
          { family, table: 'underlane', name: 'first', base: { ...base, policy: 'drop' } },
          { family, table: 'underlane', name: 'second' },
        ];
        for (let round = 0; round < 2; round++) socket.commit([addTable(table), ...chains.map(addChain)]);
        const [shown, first, second] = nftJson(here, `list table ${family} underlane`).map(
          each => Object.entries(each)[0],
        );
        assert.equal(shown?.[0], 'table');
        assert.deepEqual(pick(first?.[1]), {
          name: 'first',
          type: 'filter',
          hook: 'postrouting',
          prio: -5,
          policy: 'drop',
        });
        assert.deepEqual(pick(second?.[1]), { name: 'second' });
        assert.deepEqual(readNftables(socket, [table]), { tables: [table], chains, rules: [] });
      }
      assert.deepEqual(readNftables(socket, [{ family: 'ip', name: 'missing' }]), {
        tables: [],
        chains: [],
        rules: [],
      });
    });
  });

  const match = (field: Extract<NftStatement, { kind: 'match' }>['field'], value: string): NftStatement => ({
    kind: 'match',
    field,
    value,
  });
  /** What nft shows of them: its own words for the same. */
  const cases: readonly (readonly [NftFamily, readonly NftStatement[], string?])[] = [
    [
      'inet',
      [
        match('ip saddr', '10.1.2.3'),
        { ...match('ip daddr', '10.1.2.0/24'), isNot: true } as NftStatement,
        { kind: 'accept' },
      ],
    ],
    ['inet', [match('ip6 saddr', 'fd00::5'), match('ip6 daddr', 'fd00::/61'), { kind: 'drop' }]],
    ['ip', [match('ip daddr', '224.0.0.0/4'), { kind: 'return' }]],
    ['ip6', [match('ip6 saddr', '::1'), { kind: 'accept' }]],
    [
      'inet',
      [
        match('oifname', 'eth0'),
        { ...match('iifname', 'veth12345678901'), isNot: true } as NftStatement,
        { kind: 'drop' },
      ],
    ],
    [
      'bridge',
      [
        match('iifname', 'veth0'),
        { ...match('ether saddr', '02:00:00:00:00:01'), isNot: true } as NftStatement,
        { kind: 'drop' },
      ],
    ],
    ['bridge', [match('ether daddr', '02:00:00:00:00:01'), match('ip saddr', '10.0.0.1'), { kind: 'accept' }]],
    [
      'inet',
      [
        { kind: 'match-mark', of: 'meta', value: 0x10, mask: 0xf0 },
        { kind: 'set-mark', of: 'ct', value: 0x20, mask: 0xff },
      ],
      'meta mark & 0x000000f0 == 0x00000010 ct mark set ct mark & 0xffffff20 | 0x00000020',
    ],
    [
      'inet',
      [
        { kind: 'match-mark', of: 'ct', value: 0x10, mask: 0xf0, isNot: true },
        { kind: 'set-mark', of: 'meta', value: 0x8000_0000, mask: 0x8000_0000 },
      ],
      'ct mark & 0x000000f0 != 0x00000010 meta mark set meta mark | 0x80000000',
    ],
    ['inet', [match('ct state', 'established,related'), match('ct direction', 'reply'), { kind: 'accept' }]],
    ['inet', [match('tcp dport', '443'), { kind: 'accept' }]],
    [
      'inet',
      [match('udp dport', '53'), { kind: 'counter' }, { kind: 'goto', chain: 'second' }],
      'udp dport 53 counter packets 0 bytes 0 goto second',
    ],
    ['inet', [match('meta l4proto', 'ipv6-icmp'), { kind: 'jump', chain: 'second' }]],
  ];
  test('addNftRule(): nft reads our statements as we mean them, and the dump holds what was compiled', async () => {
    await withTables((socket, here) => {
      for (const [index, [family, statements, shown]] of cases.entries()) {
        const place = { family, table: 't', chain: `c${index}` };
        socket.commit([
          addTable({ family, name: 't' }),
          addChain({ family, table: 't', name: place.chain }),
          addChain({ family, table: 't', name: 'second' }),
          addNftRule({ ...place, statements, comment: `rule "${index}"` }),
        ]);
        const text = nft(here, `list chain ${family} t ${place.chain}`);
        assert.match(text, /comment "rule/);
        assert.equal(
          text
            .split('\n')[2]
            ?.trim()
            .replace(/ comment .*$/, ''),
          shown ?? formatStatements(statements),
        );
        const [rule] = listNftRules(socket, place);
        assert.deepEqual(rule?.expressions, compileStatements(family, statements));
        assert.equal(rule?.comment, `rule "${index}"`);
      }
    });
  });

  test('masquerade is what nft calls it', async () => {
    await withTables((socket, here) => {
      const nat: NftBase = { ...base, type: 'nat', priority: 100 };
      const place = { family: 'inet', table: 't', chain: 'nat' } as const;
      socket.commit([
        addTable({ family: 'inet', name: 't' }),
        addChain({ family: 'inet', table: 't', name: 'nat', base: nat }),
        addNftRule({ ...place, statements: [{ kind: 'masquerade' }], comment: 'all' }),
      ]);
      assert.match(nft(here, 'list chain inet t nat'), /priority srcnat; policy accept;\n\t\tmasquerade comment "all"/);
      assert.deepEqual(listNftRules(socket, place)[0]?.expressions, [{ name: 'masq' }]);
    });
  });

  test('listNftRules(): rules of nft come with its comment, and what we cannot tell by name', async () => {
    await withTables((socket, here) => {
      nft(
        here,
        'add table inet t; add chain inet t c; add rule inet t c limit rate 5/second log prefix "x" counter comment "theirs"; add rule inet t c drop',
      );
      const rules = listNftRules(socket, { family: 'inet', table: 't' });
      assert.deepEqual(
        rules.map(({ comment, expressions }) => [comment, expressions]),
        [
          [
            'theirs',
            [{ name: 'other', kernelName: 'limit' }, { name: 'other', kernelName: 'log' }, { name: 'counter' }],
          ],
          [undefined, [{ name: 'verdict', verdict: 'drop' }]],
        ],
      );
    });
  });

  test('commit() makes all or nothing, and says which change was refused', async () => {
    await withTables((socket, here) => {
      const place = { family: 'inet', table: 't', chain: 'missing' } as const;
      const table = { family: 'inet', name: 't' } as const;
      const refused = () =>
        socket.commit([addTable(table), addNftRule({ ...place, statements: [{ kind: 'drop' }], comment: 'x' })]);
      assert.throws(refused, { code: 'ENOENT', message: /^Cannot add rule "drop" to chain "inet t missing": ENOENT/ });
      assert.deepEqual(nftJson(here, 'list tables'), []);
      // The answers to what failed do not get mixed up with the next.
      socket.commit([addTable(table)]);
      assert.deepEqual(readNftables(socket, [table]).tables, [table]);
    });
  });

  test('deleteTable(), deleteChain() refuse what still holds something, deleteNftRule() takes one of several', async () => {
    await withTables((socket, here) => {
      const table = { family: 'inet', name: 't' } as const;
      const chain = { family: 'inet', table: 't', name: 'c' } as const;
      const place = { family: 'inet', table: 't', chain: 'c' } as const;
      const rule = (comment: string) => addNftRule({ ...place, statements: [{ kind: 'accept' }], comment });
      socket.commit([addTable(table), addChain(chain), rule('a'), rule('b')]);
      assert.throws(() => socket.commit([deleteTable(table)]), { code: 'EBUSY' });
      assert.throws(() => socket.commit([deleteChain(chain)]), { code: 'EBUSY' });
      const [first, second] = listNftRules(socket, place);
      assert.ok(first !== undefined && second !== undefined);
      socket.commit([deleteNftRule(first)]);
      assert.deepEqual(
        listNftRules(socket, place).map(({ comment }) => comment),
        ['b'],
      );
      assert.throws(() => socket.commit([deleteNftRule(first)]), { code: 'ENOENT' });
      socket.commit([deleteNftRule(second), deleteChain(chain), deleteTable(table)]);
      assert.deepEqual(nftJson(here, 'list tables'), []);
    });
  });

  test('readNftables() holds when others keep changing rules', async () => {
    await withTables((socket, here) => {
      const table = { family: 'inet', name: 't' } as const;
      const chain = { family: 'inet', table: 't', name: 'c' } as const;
      using other = openNftSocket(here.ns);
      const rule = (comment: string) =>
        addNftRule({ family: 'inet', table: 't', chain: 'c', statements: [{ kind: 'accept' }], comment });
      socket.commit([addTable(table), addChain(chain), ...Array.from({ length: 400 }, (_, n) => rule(`rule ${n}`))]);
      // A commit between two reads of the same dump: what is read is of one moment all the same.
      let reads = 0;
      const disturbed: NftSocket = {
        ...socket,
        dump: (request, action, decode) =>
          socket.dump(request, action, (buffer, start, end) => {
            if (++reads === 150) other.commit([rule('late')]);
            return decode(buffer, start, end);
          }),
      };
      const { rules } = readNftables(disturbed, [table]);
      assert.equal(rules.length, 401);
      assert.equal(new Set(rules.map(({ handle }) => handle)).size, 401);
    });
  });
});

function withTables(use: (socket: NftSocket, here: TestNamespace) => void): Promise<void> {
  return withNamespaces(here => {
    using socket = openNftSocket(here.ns);
    use(socket, here);
  });
}

function nft({ name }: TestNamespace, command: string): string {
  return execFileSync('ip', ['netns', 'exec', name, 'nft', command], { encoding: 'utf8' });
}

type Json = Readonly<Record<string, unknown>>;

function nftJson({ name }: TestNamespace, command: string): Json[] {
  const text = execFileSync('ip', ['netns', 'exec', name, 'nft', '-j', command], { encoding: 'utf8' });
  // `as`: the output of another program, whose fields each test checks by comparing them.
  return (JSON.parse(text) as { nftables: Json[] }).nftables.filter(each => !('metainfo' in each));
}

function pick(object: unknown): Json {
  const { name, type, hook, prio, policy } = object as Json;
  return Object.fromEntries(
    Object.entries({ name, type, hook, prio, policy }).filter(([, value]) => value !== undefined),
  );
}
