import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { Address4, Address6 } from 'ip-address';
import { expandIp, findIp, formatIp, type Ip, maxValue, parseIp } from './ip.ts';

const anyIp: fc.Arbitrary<Ip> = fc.oneof(
  fc.bigInt({ min: 0n, max: maxValue(4) }).map((value): Ip => ({ family: 4, value })),
  fc.bigInt({ min: 0n, max: maxValue(6) }).map((value): Ip => ({ family: 6, value })),
  // Sparse values, where shortening has something to do.
  fc
    .array(fc.constantFrom(0n, 0n, 0n, 1n, 0xffffn, 0xabcn), { minLength: 8, maxLength: 8 })
    .map((groups): Ip => ({ family: 6, value: groups.reduce((sum: bigint, group) => (sum << 16n) | group, 0n) })),
);

/** Texts that are nearly addresses: the interesting border. */
const nearlyIp = fc.oneof(
  fc.string({
    unit: fc.constantFrom('0', '1', '2', '5', '9', '.', ':', 'a', 'f', 'F', '%', '/', 'x', ' '),
    maxLength: 24,
  }),
  fc.ipV4(),
  fc.ipV6(),
  fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 3, maxLength: 5 }).map(octets => octets.join('.')),
  fc.ipV6().map(text => text.replace(/:/, '::')),
);

test('parseIp() accepts exactly what net.isIP() accepts, less zones', () => {
  fc.assert(
    fc.property(nearlyIp, text => {
      const expected = text.includes('%') ? 0 : isIP(text);
      assert.equal(findIp(text)?.family ?? 0, expected, text);
    }),
    { numRuns: 5000 },
  );
});

test('parseIp() reads every spelling as the ip-address library does', () => {
  const spelling = fc.oneof(
    nearlyIp,
    fc.tuple(fc.ipV6(), fc.ipV4()).map(([v6, v4]) => v6.replace(/[^:]*:[^:]*$/, v4)),
    fc.ipV6().map(text => text.toUpperCase()),
  );
  fc.assert(
    fc.property(spelling, text => {
      const ip = findIp(text);
      fc.pre(ip !== undefined);
      const oracle = ip.family === 4 ? new Address4(text) : new Address6(text);
      assert.equal(ip.value, oracle.bigInt(), text);
    }),
    { numRuns: 3000 },
  );
});

test('parseIp() reads back what formatIp() and expandIp() print', () => {
  fc.assert(
    fc.property(anyIp, ip => {
      assert.deepEqual(parseIp(formatIp(ip)), ip);
      assert.deepEqual(parseIp(expandIp(ip)), ip);
    }),
  );
});

test('formatIp() prints IPv6 as the WHATWG URL serialiser does, which follows RFC 5952', () => {
  fc.assert(
    fc.property(anyIp, ip => {
      fc.pre(ip.family === 6 && ip.value >> 32n !== 0xffffn);
      assert.equal(`[${formatIp(ip)}]`, new URL(`http://[${expandIp(ip)}]/`).hostname);
    }),
  );
});

test('formatIp() prints the examples of RFC 5952', () => {
  for (const [text, expected] of [
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['::ffff:102:304', '::ffff:1.2.3.4'],
    ['::', '::'],
  ] as const) {
    assert.equal(formatIp(parseIp(text)), expected);
  }
});

test('expandIp() prints eight full groups', () => {
  assert.equal(expandIp(parseIp('fd00::5')), 'fd00:0000:0000:0000:0000:0000:0000:0005');
  assert.equal(expandIp(parseIp('10.0.0.5')), '10.0.0.5');
});

test('parseIp() names the text and what was expected', () => {
  for (const text of ['010.0.0.1', '10.1', '0x0a.0.0.1', '10.0.0.1/8', '', 'fe80::1%eth0', '::1/64']) {
    assert.throws(() => parseIp(text), {
      name: 'IpError',
      code: 'BAD_IP',
      message: `Cannot read IP address "${text}": expected text like 10.0.0.5 or fd00::5`,
    });
  }
});

test('formatIp() refuses a value that does not fit the family', () => {
  assert.throws(() => formatIp({ family: 4, value: 1n << 32n }), { code: 'OUT_OF_RANGE' });
  assert.throws(() => formatIp({ family: 6, value: -1n }), { code: 'OUT_OF_RANGE' });
});
