import { type ErrorOptions, UnderlaneError } from '#base';

/** Codes of this room; every limit has its own. */
export type WireErrorCode =
  /** A frame does not start as ours do. Cure: use a shim and an agent of one version. */
  | 'WIRE_HEADER'
  /** A program name that is no plain file name. Cure: correct how the CNI program is installed. */
  | 'WIRE_NAME'
  /** A program name of more than 255 bytes. Cure: correct how the CNI program is installed. */
  | 'WIRE_NAME_TOO_LONG'
  /** An environment entry that is no variable of CNI or ours, or no UTF-8. Cure: correct what the runtime passes. */
  | 'WIRE_ENV'
  /** CNI_* and UNDERLANE_* together have more than 64 KiB. Cure: correct what the runtime passes. */
  | 'WIRE_ENV_TOO_LONG'
  /** A network configuration of more than 1 MiB. Cure: shorten the configuration. */
  | 'WIRE_STDIN_TOO_LONG'
  /** A result of more than 1 MiB. Cure: look at the plugin that gave it. */
  | 'WIRE_REPLY_TOO_LONG'
  /** An exit code outside 0 to 255. Cure: use a shim and an agent of one version. */
  | 'WIRE_EXIT_CODE'
  /** More bytes than the frame told. Cure: use a shim and an agent of one version. */
  | 'WIRE_TRAILING_BYTES'
  /** The other side ended before the frame was complete. Cure: none: the caller tries again. */
  | 'WIRE_TRUNCATED'
  /** A spooled DEL is no request; it is set aside as *.broken. Cure: look at the file; its pod has to be cleaned up by hand. */
  | 'WIRE_SPOOL';

/** A frame that breaks the rules of shim and agent. */
export class WireError extends UnderlaneError {
  constructor(code: WireErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options);
  }
}
