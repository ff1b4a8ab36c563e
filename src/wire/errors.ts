import { type ErrorOptions, UnderlaneError } from '#base';

/** Codes of this room; every limit has its own. */
export type WireErrorCode =
  | 'WIRE_HEADER'
  | 'WIRE_NAME'
  | 'WIRE_NAME_TOO_LONG'
  | 'WIRE_ENV'
  | 'WIRE_ENV_TOO_LONG'
  | 'WIRE_STDIN_TOO_LONG'
  | 'WIRE_REPLY_TOO_LONG'
  | 'WIRE_EXIT_CODE'
  | 'WIRE_TRAILING_BYTES'
  | 'WIRE_TRUNCATED'
  | 'WIRE_SPOOL';

/** A frame that breaks the rules of shim and agent. */
export class WireError extends UnderlaneError {
  constructor(code: WireErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options);
  }
}
