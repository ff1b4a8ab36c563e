import { type ErrorOptions, UnderlaneError } from '#base';

/** Codes of this room. */
export type HealthErrorCode =
  /** Health checks cannot be answered at an address. Cure: the message says why: it is in use or not of this node, or the path is read-only or longer than 107 bytes. */
  'CANNOT_LISTEN';

/** Health checks that cannot be served. */
export class HealthError extends UnderlaneError {
  declare readonly code: HealthErrorCode;

  constructor(code: HealthErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options);
  }
}
