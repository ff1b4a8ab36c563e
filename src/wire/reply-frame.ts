import { WireError } from './errors.ts';
import { createFrameDecoder, decodeFrame, encodeHeader, type FrameDecoder, type FrameFormat } from './frame-decoder.ts';

/** What the agent answers, as bytes: `UL1 <exit> <len>\n` stdout. */
export interface WireReply {
  /** The shim's exit code, 0 to 255. */
  readonly exitCode: number;
  /** What the shim prints. */
  readonly stdout: Uint8Array;
}

/** Bytes. */
export const REPLY_LIMIT = 1024 * 1024;

/** @throws WireError WIRE_REPLY_TOO_LONG, WIRE_EXIT_CODE */
export function encodeReply(reply: { readonly exitCode: number; readonly stdout: Uint8Array | string }): Uint8Array {
  const stdout = typeof reply.stdout === 'string' ? Buffer.from(reply.stdout, 'utf8') : reply.stdout;
  const numbers = [reply.exitCode, stdout.length];
  lengthsOf(numbers);
  return Buffer.concat([encodeHeader(numbers), stdout]);
}

/** A decoder for one reply that comes in chunks. */
export function createReplyDecoder(): FrameDecoder<WireReply> {
  return createFrameDecoder(format);
}

/** Decodes a reply that is there as a whole. */
export function decodeReply(bytes: Uint8Array): WireReply {
  return decodeFrame(createReplyDecoder(), bytes);
}

const format: FrameFormat<WireReply> = {
  numbers: 2,
  lengthsOf,
  decode: ([exitCode = 0], [stdout = new Uint8Array(0)]) => ({ exitCode, stdout }),
};

function lengthsOf([exitCode = 0, length = 0]: readonly number[]): readonly number[] {
  if (!Number.isInteger(exitCode) || exitCode < 0 || exitCode > 255) {
    throw new WireError('WIRE_EXIT_CODE', `Reply has exit code ${exitCode}, expected 0 to 255`);
  }
  if (length > REPLY_LIMIT) {
    throw new WireError('WIRE_REPLY_TOO_LONG', `Reply has ${length} bytes, expected at most ${REPLY_LIMIT}`);
  }
  return [length];
}
