import { NetlinkError } from './errors.ts';

/**
 * One attribute to send. On the wire, everything in host byte order (little-endian on every platform we run on):
 *
 *     0      2      4
 *     | len  | type | value ...      | zeros up to a multiple of 4
 *     len = 4 + size of value; nested attributes are simply the value of another one
 */
export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

export const ATTRIBUTE_HEADER_SIZE = 4;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER share the type's upper two bits. */
const NLA_TYPE_MASK = 0x3fff;

/** Rounds up to the alignment of messages and attributes. */
export function align4(size: number): number {
  return (size + 3) & ~3;
}

export function u8(type: number, value: number): Attribute {
  return { type, value: Uint8Array.of(value) };
}

export function u16(type: number, value: number): Attribute {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16LE(value);
  return { type, value: bytes };
}

/** In network byte order: the few numbers that go on the wire like that (ports, EtherTypes). */
export function u16be(type: number, value: number): Attribute {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16BE(value);
  return { type, value: bytes };
}

export function u32(type: number, value: number): Attribute {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value);
  return { type, value: bytes };
}

/** In network byte order, as nf_tables has all its numbers. */
export function u32be(type: number, value: number): Attribute {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return { type, value: bytes };
}

export function u64be(type: number, value: number): Attribute {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return { type, value: bytes };
}

export function i32(type: number, value: number): Attribute {
  return u32(type, value >>> 0);
}

export function bytes(type: number, value: Uint8Array): Attribute {
  return { type, value };
}

/** A NUL-terminated string. @throws NetlinkError with code "EINVAL" for text with a NUL inside, which the kernel would cut there */
export function text(type: number, value: string): Attribute {
  if (value.includes('\0')) {
    throw new NetlinkError(`encode ${JSON.stringify(value)}`, 'EINVAL', 'expected text without NUL');
  }
  return { type, value: Buffer.from(`${value}\0`) };
}

export function nested(type: number, attributes: readonly Attribute[]): Attribute {
  return { type, value: encodeAttributes(attributes) };
}

/** The bytes of a list of attributes, each padded. */
export function encodeAttributes(attributes: readonly Attribute[]): Buffer {
  const buffer = Buffer.alloc(sizeOfAttributes(attributes));
  writeAttributes(buffer, 0, attributes);
  return buffer;
}

export function sizeOfAttributes(attributes: readonly Attribute[]): number {
  let size = 0;
  for (const attribute of attributes) size += align4(ATTRIBUTE_HEADER_SIZE + attribute.value.length);
  return size;
}

/** Writes attributes at `at` into a zeroed buffer. */
export function writeAttributes(buffer: Buffer, at: number, attributes: readonly Attribute[]): void {
  let position = at;
  for (const { type, value } of attributes) {
    buffer.writeUInt16LE(ATTRIBUTE_HEADER_SIZE + value.length, position);
    buffer.writeUInt16LE(type, position + 2);
    buffer.set(value, position + ATTRIBUTE_HEADER_SIZE);
    position += align4(ATTRIBUTE_HEADER_SIZE + value.length);
  }
}

/** Is told of one received attribute: its value lies in `buffer` from `start` up to `end`. */
export type AttributeVisitor = (type: number, start: number, end: number) => void;

/**
 * Visits the attributes between `start` and `end`. Values are not copied: the buffer is reused for the next message,
 * so a visitor keeps nothing of it.
 *
 * @throws NetlinkError with code "EBADMSG" when a length does not fit
 */
export function forEachAttribute(buffer: Buffer, start: number, end: number, visit: AttributeVisitor): void {
  let position = start;
  while (position + ATTRIBUTE_HEADER_SIZE <= end) {
    const length = buffer.readUInt16LE(position);
    if (length < ATTRIBUTE_HEADER_SIZE || position + length > end) {
      throw new NetlinkError('read attribute', 'EBADMSG', `length ${length} with ${end - position} bytes left`);
    }
    visit(buffer.readUInt16LE(position + 2) & NLA_TYPE_MASK, position + ATTRIBUTE_HEADER_SIZE, position + length);
    position += align4(length);
  }
}

/** A string attribute's text, without the NUL that most of them end with. */
export function readText(buffer: Buffer, start: number, end: number): string {
  const nul = buffer.indexOf(0, start);
  return buffer.toString('utf8', start, nul < 0 || nul > end ? end : nul);
}
