import { UnderlaneError } from '#base';

/** Codes of this room. */
export type AttachErrorCode =
  | 'JOURNAL_WRITE'
  | 'JOURNAL_FORMAT'
  | 'NETNS_MISSING'
  | 'POD_NOT_FOUND'
  | 'POD_UID_MISMATCH'
  | 'NETWORK_NOT_FOUND'
  | 'NETWORK_CONFIG'
  | 'UNKNOWN_PLUGIN'
  | 'KERNEL_LACKS'
  | 'NOT_CHAINED'
  | 'NO_ADDRESS'
  | 'NO_API'
  | 'STATUS_WRITE'
  | 'UNKNOWN_CONTAINER'
  | 'CHECK_FAILED'
  | 'CANCELLED'
  | 'DEADLINE'
  | 'NESTING'
  | 'UNSUPPORTED_VERB';

/** A request that could not be carried out. */
export class AttachError extends UnderlaneError {
  constructor(code: AttachErrorCode, message: string, options: ConstructorParameters<typeof UnderlaneError>[2] = {}) {
    super(code, message, options);
  }
}
