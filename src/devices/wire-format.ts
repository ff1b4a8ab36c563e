import { DevicesError } from './errors.ts';

/**
 * The wire format of protocol buffers, as far as kubelet's messages need it: fields of bytes and of numbers.
 * https://protobuf.dev/programming-guides/encoding/
 *
 *     field   = varint(number << 3 | type) value
 *     type 0  = varint, 1 = 8 bytes, 2 = varint(length) bytes, 5 = 4 bytes
 */

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const MAX_VARINT_BYTES = 10;

/**
 * Tells of each field of bytes, in order; fields of numbers are passed over. The bytes are a view, not a copy.
 * @throws DevicesError DEVICES_FORMAT
 */
export function forEachBytesField(message: Uint8Array, visit: (number: number, bytes: Uint8Array) => void): void {
  let at = 0;
  while (at < message.length) {
    const [key, afterKey] = readVarint(message, at);
    const number = Number(key >> 3n);
    const type = Number(key & 7n);
    const end = endOfValue(message, afterKey, type);
    if (type === BYTES) {
      const [, start] = readVarint(message, afterKey);
      visit(number, message.subarray(start, end));
    }
    at = end;
  }
}

function endOfValue(message: Uint8Array, at: number, type: number): number {
  const end = unchecked();
  if (end > message.length) throw malformed(`${end - message.length} bytes are missing`);
  return end;

  function unchecked(): number {
    switch (type) {
      case VARINT:
        return readVarint(message, at)[1];
      case FIXED64:
        return at + 8;
      case FIXED32:
        return at + 4;
      case BYTES: {
        const [length, start] = readVarint(message, at);
        // A length beyond every message would be rounded as a number.
        if (length > BigInt(message.length)) throw malformed(`a length of ${length} with ${message.length} bytes`);
        return start + Number(length);
      }
      default:
        throw malformed(`wire type ${type}`);
    }
  }
}

/** @returns the value, and where what follows it starts */
function readVarint(message: Uint8Array, at: number): [value: bigint, end: number] {
  let value = 0n;
  for (let index = 0; index < MAX_VARINT_BYTES; index++) {
    const byte = message[at + index];
    if (byte === undefined) throw malformed('a number is cut off');
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return [value, at + index + 1];
  }
  throw malformed('a number has more than 64 bits');
}

function malformed(what: string): DevicesError {
  return new DevicesError('DEVICES_FORMAT', `Cannot read kubelet's answer: ${what}, expected a protocol buffer`);
}
