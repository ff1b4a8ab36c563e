import { type Attribute, align4, forEachAttribute, readText, sizeOfAttributes, writeAttributes } from './attribute.ts';
import { NetlinkError } from './errors.ts';

/**
 * A message to send, without its sequence number, which the socket fills in.
 *
 *     0     4      6       8     12     16
 *     | len | type | flags | seq | port | family header ... | attributes ...
 *     len counts from byte 0 and excludes the padding behind the last attribute of the message
 */
export interface Request {
  readonly type: number;
  /** NLM_F_* besides NLM_F_REQUEST. */
  readonly flags?: number;
  /** `struct ifinfomsg`, `struct rtmsg`, ... */
  readonly header: Uint8Array;
  readonly attributes: readonly Attribute[];
}

/** A received message: the family header and attributes lie in the socket's buffer from `start` up to `end`. */
export interface ReceivedMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly start: number;
  readonly end: number;
}

export const MESSAGE_HEADER_SIZE = 16;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_DUMP = 0x300;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;

const NLMSGERR_ATTR_MSG = 1;

/** The bytes of a request. */
export function encodeMessage(request: Request, sequence: number): Buffer {
  const bodyAt = MESSAGE_HEADER_SIZE + align4(request.header.length);
  const length = bodyAt + sizeOfAttributes(request.attributes);
  const buffer = Buffer.alloc(length);
  buffer.writeUInt32LE(length, 0);
  buffer.writeUInt16LE(request.type, 4);
  buffer.writeUInt16LE((request.flags ?? 0) | NLM_F_REQUEST, 6);
  buffer.writeUInt32LE(sequence, 8);
  buffer.set(request.header, MESSAGE_HEADER_SIZE);
  writeAttributes(buffer, bodyAt, request.attributes);
  return buffer;
}

/** Visits the messages in the first `end` bytes. @throws NetlinkError with code "EBADMSG" when a length does not fit */
export function forEachMessage(buffer: Buffer, end: number, visit: (message: ReceivedMessage) => void): void {
  let position = 0;
  while (position < end) {
    const left = end - position;
    const length = left < MESSAGE_HEADER_SIZE ? 0 : buffer.readUInt32LE(position);
    if (length < MESSAGE_HEADER_SIZE || length > left) {
      throw new NetlinkError('read netlink message', 'EBADMSG', `length ${length} with ${left} bytes left`);
    }
    visit({
      type: buffer.readUInt16LE(position + 4),
      flags: buffer.readUInt16LE(position + 6),
      sequence: buffer.readUInt32LE(position + 8),
      start: position + MESSAGE_HEADER_SIZE,
      end: position + length,
    });
    position += align4(length);
  }
}

/** What an acknowledgement (NLMSG_ERROR) or the end of a dump (NLMSG_DONE) says. */
export interface Outcome {
  /** 0 for success, else negative. */
  readonly errno: number;
  /** The kernel's extended acknowledgement: its reason in words. */
  readonly reason?: string;
}

export function decodeOutcome(buffer: Buffer, message: ReceivedMessage): Outcome {
  // A dump's end carries the errno since Linux 3.x only when it has something to say.
  const errno = message.end - message.start < 4 ? 0 : buffer.readInt32LE(message.start);
  if ((message.flags & NLM_F_ACK_TLVS) === 0) return { errno };
  let attributesAt = message.start + 4;
  if (message.type === NLMSG_ERROR) {
    // The request's header follows, and its whole body unless the answer is capped.
    const isCapped = (message.flags & NLM_F_CAPPED) !== 0;
    attributesAt += isCapped ? MESSAGE_HEADER_SIZE : align4(buffer.readUInt32LE(attributesAt));
  }
  let reason: string | undefined;
  forEachAttribute(buffer, attributesAt, message.end, (type, start, end) => {
    if (type === NLMSGERR_ATTR_MSG) reason = readText(buffer, start, end);
  });
  return reason === undefined ? { errno } : { errno, reason };
}
