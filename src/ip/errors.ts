import { UnderlaneError } from '#base';

/** Stable codes of this room. */
export type IpErrorCode =
  /** Text is not an IP address. */
  | 'BAD_IP'
  /** Text is not `address/length`, or the length does not fit the family. */
  | 'BAD_PREFIX'
  /** First and last are of two families, or in the wrong order. */
  | 'BAD_RANGE'
  /** Neither 4 nor 16 bytes. */
  | 'BAD_BYTES'
  /** A value does not fit the family, or an index lies outside the set. */
  | 'OUT_OF_RANGE';

/** A value that is no address, prefix or range. */
export class IpError extends UnderlaneError {
  constructor(code: IpErrorCode, message: string, details?: Readonly<Record<string, unknown>>) {
    super(code, message, details === undefined ? {} : { details });
  }
}
