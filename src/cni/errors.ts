import { type ErrorOptions, UnderlaneError } from '#base';

/** The protocol's error numbers. Spec: https://www.cni.dev/docs/spec/#error; 8 and 999 are the reference library's. */
const CNI_NUMBERS = {
  CNI_INCOMPATIBLE_VERSION: 1,
  CNI_UNSUPPORTED_FIELD: 2,
  CNI_UNKNOWN_CONTAINER: 3,
  CNI_INVALID_ENVIRONMENT: 4,
  CNI_IO_FAILURE: 5,
  CNI_DECODING_FAILURE: 6,
  CNI_INVALID_CONFIG: 7,
  CNI_INVALID_NETNS: 8,
  CNI_TRY_AGAIN_LATER: 11,
  CNI_NOT_AVAILABLE: 50,
  CNI_LIMITED_CONNECTIVITY: 51,
  /** A delegate failed: its own number, where it gave one, stands in `cniCode`. */
  CNI_DELEGATE_FAILED: 999,
  CNI_INTERNAL: 999,
} as const;

export type CniErrorCode = keyof typeof CNI_NUMBERS;

export interface CniErrorOptions extends ErrorOptions {
  /** Instead of the code's own number, for what a delegate reported. */
  readonly cniCode?: number;
  /** Longer text for the CNI error's `details`. */
  readonly explanation?: string;
}

/** A failure in the protocol's own terms: it already knows its number. */
export class CniError extends UnderlaneError {
  readonly cniCode: number;
  readonly explanation: string | undefined;

  constructor(code: CniErrorCode, message: string, options: CniErrorOptions = {}) {
    super(code, message, { retriable: code === 'CNI_TRY_AGAIN_LATER', ...options });
    this.cniCode = options.cniCode ?? CNI_NUMBERS[code];
    this.explanation = options.explanation;
  }
}
