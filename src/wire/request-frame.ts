import { decodeEnv, encodeEnv } from './env-block.ts';
import { WireError } from './errors.ts';
import { createFrameDecoder, decodeFrame, encodeHeader, type FrameDecoder, type FrameFormat } from './frame-decoder.ts';

/** What a shim asks, as bytes: `UL1 <nameLen> <envLen> <stdinLen>\n` name env stdin. */
export interface WireRequest {
  /** The shim's own program name. */
  readonly plugin: string;
  /** Only CNI_* and UNDERLANE_*. */
  readonly env: Readonly<Record<string, string>>;
  /** As it came, NUL bytes and all. */
  readonly stdin: Uint8Array;
}

/** Bytes; a file name cannot be longer. */
export const NAME_LIMIT = 255;
/** Bytes; a runtime's CNI variables take less than 2 KiB. */
export const ENV_LIMIT = 64 * 1024;
/** Bytes; a configuration with its prevResult takes a few KiB. */
export const STDIN_LIMIT = 1024 * 1024;

/** @throws WireError where a limit is broken */
export function encodeRequest(request: WireRequest): Uint8Array {
  const name = Buffer.from(requireName(request.plugin), 'utf8');
  const env = encodeEnv(request.env);
  const lengths = lengthsOf([name.length, env.length, request.stdin.length]);
  return Buffer.concat([encodeHeader(lengths), name, env, request.stdin]);
}

/** A decoder for one request that comes in chunks. */
export function createRequestDecoder(): FrameDecoder<WireRequest> {
  return createFrameDecoder(format);
}

/** Decodes a request that is there as a whole. */
export function decodeRequest(bytes: Uint8Array): WireRequest {
  return decodeFrame(createRequestDecoder(), bytes);
}

const format: FrameFormat<WireRequest> = {
  numbers: 3,
  lengthsOf,
  decode: (_numbers, [name = empty, env = empty, stdin = empty]) => ({
    plugin: requireName(Buffer.from(name).toString('utf8')),
    env: decodeEnv(env),
    stdin,
  }),
};

const empty = new Uint8Array(0);

function lengthsOf([name = 0, env = 0, stdin = 0]: readonly number[]): readonly number[] {
  requireWithin('WIRE_NAME_TOO_LONG', 'Program name', name, NAME_LIMIT);
  requireWithin('WIRE_ENV_TOO_LONG', 'Environment (CNI_* and UNDERLANE_*)', env, ENV_LIMIT);
  requireWithin('WIRE_STDIN_TOO_LONG', 'Network configuration on stdin', stdin, STDIN_LIMIT);
  return [name, env, stdin];
}

function requireWithin(
  code: 'WIRE_NAME_TOO_LONG' | 'WIRE_ENV_TOO_LONG' | 'WIRE_STDIN_TOO_LONG',
  what: string,
  bytes: number,
  limit: number,
): void {
  if (bytes > limit) throw new WireError(code, `${what} has ${bytes} bytes, expected at most ${limit}`);
}

function requireName(name: string): string {
  if (name !== '' && !/[/\0\ufffd]/.test(name)) return name;
  throw new WireError('WIRE_NAME', `Program name is ${JSON.stringify(name)}, expected a plain file name`);
}
