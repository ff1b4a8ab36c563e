import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Family, formatIp, type Ip, maxValue, parseIp } from './ip.ts';
import { ipToBytes } from './ip-bytes.ts';
import { contains, formatAddress, formatPrefix, lastOf, parseAddress, parsePrefix, toPrefix } from './prefix.ts';

const anyFamily = fc.constantFrom<Family>(4, 6);
const anyCase = anyFamily.chain(family =>
  fc.record({
    family: fc.constant(family),
    address: fc.bigInt({ min: 0n, max: maxValue(family) }),
    length: fc.integer({ min: 0, max: family === 4 ? 32 : 128 }),
    /** Flips low bits, so that both sides of the border come up. */
    flip: fc.bigInt({ min: 0n, max: maxValue(family) }),
    shift: fc.integer({ min: 0, max: family === 4 ? 32 : 128 }),
  }),
);

test('contains() agrees with net.BlockList', () => {
  fc.assert(
    fc.property(anyCase, ({ family, address, length, flip, shift }) => {
      const prefix = toPrefix({ family, value: address }, length);
      const probe: Ip = { family, value: address ^ (flip >> BigInt(shift)) };
      const oracle = new BlockList();
      const kind = family === 4 ? 'ipv4' : 'ipv6';
      oracle.addSubnet(formatIp({ family, value: prefix.network }), length, kind);
      assert.equal(contains(prefix, probe), oracle.check(formatIp(probe), kind));
    }),
    { numRuns: 1000 },
  );
});

test('contains() of a network needs both of its ends inside', () => {
  fc.assert(
    fc.property(anyCase, fc.integer({ min: 0, max: 32 }), ({ family, address, length, flip, shift }, innerLength) => {
      const outer = toPrefix({ family, value: address }, length);
      const inner = toPrefix({ family, value: address ^ (flip >> BigInt(shift)) }, innerLength);
      const ends = [inner.network, lastOf(inner)].map(value => contains(outer, { family, value }));
      assert.equal(contains(outer, inner), ends[0] && ends[1]);
    }),
  );
});

test('contains() never crosses families', () => {
  assert.equal(contains(parsePrefix('0.0.0.0/0'), parseIp('::1')), false);
  assert.equal(contains(parsePrefix('::/0'), parseIp('10.0.0.1')), false);
});

test('parsePrefix() keeps the address and clears host bits in the network', () => {
  const prefix = parsePrefix('192.168.2.225/28');
  assert.equal(formatPrefix(prefix), '192.168.2.224/28');
  assert.equal(formatAddress(prefix), '192.168.2.225/28');
  assert.equal(formatIp({ family: 4, value: lastOf(prefix) }), '192.168.2.239');
  assert.equal(formatPrefix(parsePrefix('fd00::5/64')), 'fd00::/64');
  assert.equal(formatPrefix(parsePrefix('10.0.0.0/0')), '0.0.0.0/0');
});

test('parsePrefix() refuses what is no address and length', () => {
  for (const text of [
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '/8',
    '10/8',
  ]) {
    assert.throws(() => parsePrefix(text), {
      code: 'BAD_PREFIX',
      message: `Cannot read "${text}": expected a prefix like 10.0.0.0/8 or fd00::/64`,
    });
  }
});

test('parseAddress() says that a prefix length is missing', () => {
  assert.throws(() => parseAddress('10.0.0.5'), /expected an address with prefix length like 10\.0\.0\.5\/24/);
  assert.equal(parseAddress('10.0.0.5/24').length, 24);
});

test('ipToBytes() gives the address in network byte order', () => {
  fc.assert(
    fc.property(anyCase, ({ family, address }) => {
      const bytes = ipToBytes({ family, value: address });
      assert.equal(bytes.length, family === 4 ? 4 : 16);
      assert.equal(BigInt(`0x${Buffer.from(bytes).toString('hex')}`), address);
    }),
  );
  assert.deepEqual([...ipToBytes(parseIp('10.1.2.3'))], [10, 1, 2, 3]);
});
