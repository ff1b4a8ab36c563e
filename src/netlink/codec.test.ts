import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type Attribute,
  bytes,
  encodeAttributes,
  forEachAttribute,
  i32,
  nested,
  readText,
  text,
  u8,
  u32,
} from './attribute.ts';
import { NetlinkError } from './errors.ts';
import { decodeOutcome, encodeMessage, forEachMessage, type ReceivedMessage } from './message.ts';

const attribute: fc.Arbitrary<Attribute> = fc
  .tuple(fc.integer({ min: 0, max: 0x3fff }), fc.uint8Array({ maxLength: 70 }))
  .map(([type, value]) => ({ type, value }));
const attributes = fc.array(attribute, { maxLength: 12 });

function decodeAll(buffer: Buffer, start = 0, end = buffer.length): Attribute[] {
  const all: Attribute[] = [];
  forEachAttribute(buffer, start, end, (type, from, to) => {
    all.push({ type, value: Uint8Array.from(buffer.subarray(from, to)) });
  });
  return all;
}

function decodeMessages(buffer: Buffer): ReceivedMessage[] {
  const all: ReceivedMessage[] = [];
  forEachMessage(buffer, buffer.length, message => all.push(message));
  return all;
}

describe('forEachAttribute()', () => {
  test('gives back what encodeAttributes() wrote', () => {
    fc.assert(fc.property(attributes, list => assert.deepEqual(decodeAll(encodeAttributes(list)), list)));
  });

  test('either visits within the bounds or throws EBADMSG, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), raw => {
        const buffer = Buffer.from(raw);
        try {
          forEachAttribute(buffer, 0, buffer.length, (_type, from, to) => assert.ok(from <= to && to <= buffer.length));
        } catch (error) {
          assert.ok(error instanceof NetlinkError && error.code === 'EBADMSG');
        }
      }),
    );
  });

  test('ignores the flag bits of a type', () => {
    assert.deepEqual(decodeAll(encodeAttributes([{ type: 0x8000 | 0x4000 | 7, value: Uint8Array.of(1) }])), [
      { type: 7, value: Uint8Array.of(1) },
    ]);
  });
});

describe('attribute makers', () => {
  test('write numbers in little-endian, text with a NUL, and nest', () => {
    const buffer = encodeAttributes([
      u8(1, 255),
      u32(2, 0xfffffffe),
      i32(3, -1),
      text(4, 'eth0'),
      nested(5, [bytes(6, Uint8Array.of(9))]),
    ]);
    assert.equal(
      buffer.toString('hex'),
      [
        '05000100ff000000',
        '08000200feffffff',
        '08000300ffffffff',
        '0900040065746830' + '00000000',
        '0c000500' + '0500060009000000',
      ].join(''),
    );
  });

  test('text() refuses a NUL, where the kernel would cut the name', () => {
    assert.throws(() => text(3, 'eth0\0x'), { code: 'EINVAL' });
  });

  test('readText() stops at the NUL, at the end, and not before it', () => {
    const buffer = Buffer.from('eth0\0\0\0\0next');
    assert.equal(readText(buffer, 0, 5), 'eth0');
    assert.equal(readText(buffer, 0, 3), 'eth');
    assert.equal(readText(buffer, 8, 12), 'next');
  });
});

describe('forEachMessage()', () => {
  const request = fc.record({
    type: fc.integer({ min: 16, max: 200 }),
    flags: fc.integer({ min: 0, max: 0xfff }),
    header: fc.uint8Array({ maxLength: 16 }).map(header => header.subarray(0, header.length & ~3)),
    attributes,
  });

  test('gives back what encodeMessage() wrote, one after another', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 5 }), requests => {
        const buffer = Buffer.concat(requests.map((each, index) => encodeMessage(each, index)));
        const messages = decodeMessages(buffer);
        assert.equal(messages.length, requests.length);
        requests.forEach((each, index) => {
          const message = messages[index];
          assert.ok(message !== undefined);
          assert.equal(message.type, each.type);
          assert.equal(message.flags, each.flags | 1);
          assert.equal(message.sequence, index);
          const attributesAt = message.start + each.header.length;
          assert.deepEqual(Uint8Array.from(buffer.subarray(message.start, attributesAt)), Uint8Array.from(each.header));
          assert.deepEqual(decodeAll(buffer, attributesAt, message.end), each.attributes);
        });
      }),
    );
  });

  test('either visits within the bounds or throws EBADMSG, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), raw => {
        const buffer = Buffer.from(raw);
        try {
          for (const message of decodeMessages(buffer))
            assert.ok(message.start <= message.end && message.end <= buffer.length);
        } catch (error) {
          assert.ok(error instanceof NetlinkError && error.code === 'EBADMSG');
        }
      }),
    );
  });
});

describe('decodeOutcome()', () => {
  /** An answer of NLMSG_ERROR to request 7. */
  function errorMessage(flags: number, body: string): { readonly buffer: Buffer; readonly message: ReceivedMessage } {
    const payload = Buffer.from(body.replace(/\s+/g, ''), 'hex');
    const header = Buffer.alloc(16);
    header.writeUInt32LE(16 + payload.length, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(flags, 6);
    const buffer = Buffer.concat([header, payload]);
    const [message] = decodeMessages(buffer);
    assert.ok(message !== undefined);
    return { buffer, message };
  }

  test('reads the reason behind a capped answer', () => {
    // -EINVAL, the 16 bytes of the request's header, then "no" as NLMSGERR_ATTR_MSG.
    const { buffer, message } = errorMessage(
      0x300,
      'eaffffff 20000000 1000 0500 07000000 00000000 0700 0100 6e6f00 00',
    );
    assert.deepEqual(decodeOutcome(buffer, message), { errno: -22, reason: 'no' });
  });

  test('reads the reason behind an answer that repeats the whole request', () => {
    const { buffer, message } = errorMessage(
      0x200,
      'eaffffff 14000000 1000 0500 07000000 00000000 ffffffff 0700 0100 6e6f00 00',
    );
    assert.deepEqual(decodeOutcome(buffer, message), { errno: -22, reason: 'no' });
  });

  test('knows success, and a failure without a reason', () => {
    const ok = errorMessage(0x100, '00000000 20000000 1000 0500 07000000 00000000');
    assert.deepEqual(decodeOutcome(ok.buffer, ok.message), { errno: 0 });
    const failed = errorMessage(0, 'efffffff 14000000 1000 0500 07000000 00000000 ffffffff');
    assert.deepEqual(decodeOutcome(failed.buffer, failed.message), { errno: -17 });
  });
});

test('NetlinkError reads as action, errno and reason, and knows what may help later', () => {
  const error = new NetlinkError('create macvlan "eth0"', 'EBUSY', 'Device is already in use');
  assert.equal(error.message, 'Cannot create macvlan "eth0": EBUSY (Device is already in use)');
  assert.equal(error.code, 'EBUSY');
  assert.equal(error.retriable, true);
  assert.equal(new NetlinkError('x', 'EEXIST').retriable, false);
});
