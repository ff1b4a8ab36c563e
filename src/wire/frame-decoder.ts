import { WireError } from './errors.ts';

/**
 * Collects one frame, a header line and a body whose length the header tells, from chunks of any size:
 *
 *     UL1 <number> ... <number>\n  body
 */
export interface FrameDecoder<T> {
  /**
   * Takes the next bytes; returns the frame's content once it is complete, undefined before.
   * @throws WireError as soon as something is wrong: limits are known from the header, before any of the body is kept
   */
  push(chunk: Uint8Array): T | undefined;
  /** To be called when the peer ends: throws WIRE_TRUNCATED unless the frame was complete. */
  end(): void;
}

export interface FrameFormat<T> {
  /** The lengths of the body's parts, from the header's numbers; throws where one is over its limit. */
  readonly lengthsOf: (numbers: readonly number[]) => readonly number[];
  readonly numbers: number;
  readonly decode: (numbers: readonly number[], parts: readonly Uint8Array[]) => T;
}

const MAGIC = 'UL1';
/** The longest header with all limits kept takes 23 bytes; a longer one with valid numbers must still tell its limit. */
const HEADER_LIMIT = 64;
const LINE_FEED = 0x0a;

/** The header line for the given numbers. */
export function encodeHeader(numbers: readonly number[]): Uint8Array {
  return Buffer.from(`${[MAGIC, ...numbers].join(' ')}\n`, 'latin1');
}

/** A decoder for one frame of the format; a second frame is an error. */
export function createFrameDecoder<T>(format: FrameFormat<T>): FrameDecoder<T> {
  const header: number[] = [];
  let numbers: readonly number[] | undefined;
  let lengths: readonly number[] = [];
  let body = new Uint8Array(0);
  let filled = 0;
  let isDone = false;

  /** Takes the header's bytes off the chunk and returns the rest. */
  function takeHeader(chunk: Uint8Array): Uint8Array {
    const lineEnd = chunk.indexOf(LINE_FEED);
    const line = lineEnd < 0 ? chunk : chunk.subarray(0, lineEnd);
    if (header.length + line.length > HEADER_LIMIT)
      throw headerError(Buffer.from([...header, ...line.subarray(0, HEADER_LIMIT)]));
    header.push(...line);
    if (lineEnd < 0) return chunk.subarray(chunk.length);
    numbers = parseHeader(Buffer.from(header), format.numbers);
    lengths = format.lengthsOf(numbers);
    body = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    return chunk.subarray(lineEnd + 1);
  }

  return {
    push(chunk) {
      const rest = numbers === undefined ? takeHeader(chunk) : chunk;
      if (rest.length > body.length - filled) {
        throw new WireError(
          'WIRE_TRAILING_BYTES',
          `Frame is followed by ${rest.length - body.length + filled} bytes, expected none`,
        );
      }
      body.set(rest, filled);
      filled += rest.length;
      if (numbers === undefined || filled < body.length || isDone) return undefined;
      isDone = true;
      return format.decode(numbers, split(body, lengths));
    },
    end() {
      if (isDone) return;
      const expected = numbers === undefined ? 'a header line' : `${body.length} bytes after the header`;
      const got = numbers === undefined ? `${header.length} bytes of it` : `${filled}`;
      throw new WireError('WIRE_TRUNCATED', `Frame ended early: expected ${expected}, got ${got}`);
    },
  };
}

/** Decodes a frame that is there as a whole. */
export function decodeFrame<T>(decoder: FrameDecoder<T>, bytes: Uint8Array): T {
  const content = decoder.push(bytes);
  if (content !== undefined) return content;
  decoder.end();
  throw new WireError('WIRE_TRUNCATED', 'Frame ended early');
}

function parseHeader(line: Buffer, count: number): readonly number[] {
  const [magic, ...words] = line.toString('latin1').split(' ');
  if (magic !== MAGIC || words.length !== count || !words.every(word => /^(0|[1-9]\d{0,14})$/.test(word))) {
    throw headerError(line, count);
  }
  return words.map(Number);
}

function headerError(line: Buffer, count?: number): WireError {
  const shown = JSON.stringify(line.toString('latin1').slice(0, HEADER_LIMIT));
  const expected = count === undefined ? 'numbers' : `${count} numbers`;
  return new WireError('WIRE_HEADER', `Frame starts with ${shown}, expected "${MAGIC}" and ${expected}`);
}

function split(body: Uint8Array, lengths: readonly number[]): readonly Uint8Array[] {
  let start = 0;
  return lengths.map(length => {
    start += length;
    return body.subarray(start - length, start);
  });
}
