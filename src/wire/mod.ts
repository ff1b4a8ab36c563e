/** The framing between shim and agent, and the spool of DELs that the shim keeps while the agent is down. */
export type { SpoolKey } from './del-spool.ts';
export { listSpool, readSpooled, removeSpooled, setAsideSpooled, writeSpooled } from './del-spool.ts';
export { decodeEnv, encodeEnv, selectEnv } from './env-block.ts';
export type { WireErrorCode } from './errors.ts';
export { WireError } from './errors.ts';
export type { FrameDecoder } from './frame-decoder.ts';
export type { WireReply } from './reply-frame.ts';
export { createReplyDecoder, decodeReply, encodeReply, REPLY_LIMIT } from './reply-frame.ts';
export type { WireRequest } from './request-frame.ts';
export {
  createRequestDecoder,
  decodeRequest,
  ENV_LIMIT,
  encodeRequest,
  NAME_LIMIT,
  STDIN_LIMIT,
} from './request-frame.ts';
