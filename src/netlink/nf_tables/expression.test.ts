import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeAttributes } from '../attribute.ts';
import { compileStatements } from './compile-statements.ts';
import { decodeExpressions } from './decode-expression.ts';
import { encodeExpressions } from './encode-expression.ts';
import { decodeComment, encodeComment } from './nft-comment.ts';
import type { NftExpression } from './nft-expression.ts';
import { formatStatements, type NftStatement } from './nft-statement.ts';

const register = fc.integer({ min: 1, max: 4 });
const hex = fc.uint8Array({ minLength: 1, maxLength: 16 }).map(bytes => Buffer.from(bytes).toString('hex'));
const metaKey = fc.constantFrom('protocol', 'mark', 'iifname', 'oifname', 'nfproto', 'l4proto');
const ctKey = fc.constantFrom('state', 'direction', 'mark');
const expression: fc.Arbitrary<NftExpression> = fc.oneof(
  fc.record({
    name: fc.constant('payload'),
    base: fc.constantFrom('link', 'network', 'transport'),
    offset: fc.nat(255),
    length: fc.integer({ min: 1, max: 16 }),
    to: register,
  }),
  fc.record({ name: fc.constant('meta'), key: metaKey, to: register }),
  fc.record({ name: fc.constant('meta'), key: metaKey, from: register }),
  fc.record({ name: fc.constant('ct'), key: ctKey, to: register }),
  fc.record({ name: fc.constant('ct'), key: ctKey, from: register }),
  fc.record({
    name: fc.constant('cmp'),
    from: register,
    op: fc.constantFrom('eq', 'neq', 'lt', 'lte', 'gt', 'gte'),
    data: hex,
  }),
  hex.map(mask => ({ name: 'bitwise', from: 1, to: 2, mask, xor: '5a'.repeat(mask.length / 2) }) as const),
  fc.record({ name: fc.constant('immediate'), to: register, data: hex }),
  fc.constantFrom('accept', 'drop', 'continue', 'return').map(verdict => ({ name: 'verdict', verdict }) as const),
  fc.constantFrom('jump', 'goto').map(verdict => ({ name: 'verdict', verdict, chain: 'c' }) as const),
  fc.constantFrom(
    { name: 'masq' } as const,
    { name: 'counter' } as const,
    { name: 'other', kernelName: 'log' } as const,
  ),
);

describe('decodeExpressions()', () => {
  it('reads back what encodeExpressions() writes', () => {
    fc.assert(
      fc.property(fc.array(expression, { maxLength: 12 }), drawn => {
        // Drawn records have no prototype.
        const expressions = drawn.map(each => ({ ...each }));
        const bytes = encodeAttributes(encodeExpressions(expressions));
        assert.deepEqual(decodeExpressions(bytes, 0, bytes.length), expressions);
      }),
    );
  });
});

describe('decodeComment()', () => {
  it('reads back what encodeComment() writes, and finds it behind other user data', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), text => {
        const comment = text.replaceAll('\0', '');
        const bytes = Buffer.from(encodeComment(comment));
        assert.equal(decodeComment(bytes), comment);
        assert.equal(decodeComment(Buffer.concat([Buffer.of(7, 2, 1, 1), bytes])), comment);
      }),
    );
    assert.equal(decodeComment(Buffer.of(7, 2, 1, 1)), undefined);
    assert.throws(() => encodeComment('x'.repeat(128)), { code: 'EINVAL', message: /at most 127 bytes/ });
  });
});

describe('compileStatements()', () => {
  const match = (field: Extract<NftStatement, { kind: 'match' }>['field'], value: string): NftStatement[] => [
    { kind: 'match', field, value },
  ];
  it('looks for the network once, however many of its fields are read', () => {
    const statements = [...match('ip saddr', '10.0.0.1'), ...match('ip daddr', '10.0.0.2')];
    const loads = (family: 'inet' | 'ip') =>
      compileStatements(family, statements).flatMap(({ name }) => (name === 'cmp' ? [] : [name]));
    assert.deepEqual(loads('inet'), ['meta', 'payload', 'payload']);
    assert.deepEqual(loads('ip'), ['payload', 'payload']);
  });
  it('refuses what a family or a field does not have, by name', () => {
    const cases: readonly (readonly ['inet' | 'ip' | 'bridge', readonly NftStatement[], RegExp])[] = [
      ['ip', match('ip6 saddr', 'fd00::1'), /match ip6 saddr "fd00::1": EINVAL \(expected another family than ip\)/],
      ['inet', match('ip saddr', 'fd00::1'), /expected IPv4/],
      ['inet', match('ip saddr', '10.0.0.300'), /expected an IPv4 or IPv6 address/],
      ['inet', match('ether saddr', '02:00:00:00:00:01'), /expected family bridge, got inet/],
      ['bridge', match('ether saddr', 'x'), /expected six bytes/],
      ['inet', match('iifname', 'a-name-of-16-byte'), /expected a name of 1 to 15 bytes/],
      ['inet', match('tcp dport', '65536'), /expected a port from 0 to 65535/],
      ['inet', match('ct state', 'established,toString'), /expected invalid, established/],
      ['inet', match('ct direction', 'back'), /expected original or reply/],
      ['inet', match('meta l4proto', 'sctp'), /expected icmp, tcp, udp/],
      ['inet', [{ kind: 'set-mark', of: 'meta', value: 0x11, mask: 0x10 }], /mark 0x11\/0x10.*a value within its mask/],
    ];
    for (const [family, statements, message] of cases) {
      assert.throws(() => compileStatements(family, statements), { code: 'EINVAL', message });
    }
  });
});

describe('formatStatements()', () => {
  it('writes what nft reads', () => {
    const text = formatStatements([
      { kind: 'match', field: 'oifname', value: 'eth0', isNot: true },
      { kind: 'match', field: 'ip saddr', value: '10.0.0.1' },
      { kind: 'match-mark', of: 'ct', value: 1, mask: 0xff },
      { kind: 'set-mark', of: 'meta', value: 0x8000_0000, mask: 0x8000_0000 },
      { kind: 'goto', chain: 'x' },
    ]);
    assert.equal(
      text,
      'oifname != "eth0" ip saddr 10.0.0.1 ct mark and 0xff == 0x1 meta mark set meta mark and 0x7fffffff or 0x80000000 goto x',
    );
  });
});
