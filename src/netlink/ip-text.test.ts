import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatIp } from '#ip';
import { decodeIp, encodeIp, encodePrefix, maskHostBits, setHostBits } from './ip-text.ts';
import { decodeMac, encodeMac } from './mac-bytes.ts';

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
/** Mostly zero groups: where the shortening rules of RFC 5952 bite. */
const ipv6 = fc
  .array(fc.constantFrom([0, 0], [0, 0], [0, 1], [0xff, 0xff], [0xab, 0x0c]), { minLength: 8, maxLength: 8 })
  .map(groups => Uint8Array.from(groups.flat()));

describe('decodeIp()', () => {
  test('agrees with the ip room on every address', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6, fc.uint8Array({ minLength: 16, maxLength: 16 })), bytes => {
        assert.equal(
          decodeIp(bytes),
          formatIp({ family: bytes.length === 4 ? 4 : 6, value: BigInt(`0x${Buffer.from(bytes).toString('hex')}`) }),
        );
      }),
    );
  });

  test('is undone by encodeIp()', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), bytes => {
        const { family, bytes: again, prefixLength } = encodeIp('test', decodeIp(bytes));
        assert.deepEqual(again, bytes);
        assert.equal(family, bytes.length === 4 ? 4 : 6);
        assert.equal(prefixLength, bytes.length * 8);
      }),
    );
  });

  test('shortens as RFC 5952 says', () => {
    const text = (address: string) => decodeIp(encodeIp('test', address).bytes);
    assert.equal(text('2001:DB8:0:0:1:0:0:1'), '2001:db8::1:0:0:1');
    assert.equal(text('2001:db8:0:1:1:1:1:1'), '2001:db8:0:1:1:1:1:1');
    assert.equal(text('0:0:0:0:0:0:0:0'), '::');
    assert.equal(text('::ffff:192.0.2.1'), '::ffff:192.0.2.1');
  });
});

describe('encodePrefix()', () => {
  test('takes a length, or the whole address without one', () => {
    assert.deepEqual(encodePrefix('test', '10.1.2.3/16'), {
      family: 4,
      bytes: Uint8Array.of(10, 1, 2, 3),
      prefixLength: 16,
    });
    assert.equal(encodePrefix('test', '10.1.2.3').prefixLength, 32);
    assert.equal(encodePrefix('test', 'fd00::1').prefixLength, 128);
  });

  for (const bad of [
    '',
    '10.0.0',
    '10.0.0.1/33',
    '10.0.0.1/',
    '10.0.0.1/8/8',
    'fe80::1%eth0',
    'default',
    '10.0.0.1/-1',
    'fd00::/129',
  ]) {
    test(`refuses ${JSON.stringify(bad)}, naming it`, () => {
      assert.throws(
        () => encodePrefix('add address', bad),
        (error: unknown) => {
          assert.ok(error instanceof Error && 'code' in error);
          assert.equal(error.code, 'EINVAL');
          assert.ok(error.message.startsWith('Cannot add address: EINVAL (') && error.message.includes(`"${bad}"`));
          return true;
        },
      );
    });
  }
});

test('maskHostBits() and setHostBits() give the first and the last address of a prefix', () => {
  const prefix = encodePrefix('test', '10.1.255.3/19');
  assert.equal(decodeIp(maskHostBits(prefix).bytes), '10.1.224.0');
  assert.equal(decodeIp(setHostBits(prefix)), '10.1.255.255');
  assert.equal(decodeIp(maskHostBits(encodePrefix('test', 'fd00:1:2:3:4::5/65')).bytes), 'fd00:1:2:3::');
  assert.equal(decodeIp(setHostBits(encodePrefix('test', '1.2.3.4/0'))), '255.255.255.255');
  assert.equal(decodeIp(setHostBits(encodePrefix('test', '1.2.3.4/32'))), '1.2.3.4');
});

describe('encodeMac()', () => {
  test('is undone by decodeMac(), in lower case', () => {
    assert.equal(decodeMac(encodeMac('test', '02:00:5E:10:00:0a')), '02:00:5e:10:00:0a');
  });

  test('refuses anything but six bytes; decodeMac() knows only such', () => {
    for (const bad of ['', '02:00:5e:10:00', '02-00-5e-10-00-01', '02:00:5e:10:00:0g', '02:00:5e:10:00:01:02']) {
      assert.throws(() => encodeMac('set MAC', bad), { code: 'EINVAL' });
    }
    assert.equal(decodeMac(Uint8Array.of(1, 2, 3, 4)), undefined);
  });
});
