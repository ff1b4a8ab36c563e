import { type ErrorOptions, UnderlaneError } from '#base';

/** Stable codes of this room. */
export type IpamErrorCode =
  /** An `ipam` object has a wrong field. */
  | 'BAD_CONFIG'
  /** The `ipam` type is none that Underlane implements. */
  | 'UNKNOWN_IPAM'
  /** No address of the range is free. */
  | 'POOL_EXHAUSTED'
  /** An address that was asked for is held by somebody else. */
  | 'ADDRESS_TAKEN'
  /** An address that was asked for is not one that the range hands out. */
  | 'ADDRESS_OUTSIDE_POOL'
  /** A scope or network name that cannot be part of an object's name. */
  | 'BAD_SCOPE'
  /** A file of the release queue does not hold what we write there. */
  | 'BAD_QUEUE_FILE'
  /** A release cannot be written down: the disk is full, or gone. */
  | 'QUEUE_WRITE';

/** An address request that cannot be met, or a configuration that cannot be used. */
export class IpamError extends UnderlaneError {
  constructor(code: IpamErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A field of an `ipam` object with the wrong value. */
export function badField(source: string, field: string, value: unknown, expected: string): IpamError {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return new IpamError('BAD_CONFIG', `Cannot use ipam of ${source}: ${field} is ${text}, expected ${expected}`, {
    details: { source, field },
  });
}
