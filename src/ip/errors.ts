import { UnderlaneError } from '#base';

/** Stable codes of this room. */
export type IpErrorCode =
  /** Text is not an IP address. Cure: write it like 10.0.0.5 or fd00::5. */
  | 'BAD_IP'
  /** Text is not `address/length`, or the length does not fit the family. Cure: write it like 10.0.0.0/8 or fd00::/64. */
  | 'BAD_PREFIX'
  /** First and last are of two families, or in the wrong order. Cure: put the lower address first. */
  | 'BAD_RANGE'
  /** A value does not fit the family, or an index lies outside the set. Cure: none: report it, it is a fault of ours. */
  | 'OUT_OF_RANGE';

/** A value that is no address, prefix or range. */
export class IpError extends UnderlaneError {
  constructor(code: IpErrorCode, message: string, details?: Readonly<Record<string, unknown>>) {
    super(code, message, details === undefined ? {} : { details });
  }
}
