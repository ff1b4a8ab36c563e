import { type ErrorOptions, UnderlaneError } from '#base';

/** The protocol's error numbers. Spec: https://www.cni.dev/docs/spec/#error; 8 and 999 are the reference library's. */
const CNI_NUMBERS = {
  /** A cniVersion that we do not speak, or that has no such verb. Cure: use one of those that the message lists. */
  CNI_INCOMPATIBLE_VERSION: 1,
  /** A field that the configuration's version does not have. Cure: leave it out. */
  CNI_UNSUPPORTED_FIELD: 2,
  /** A container that is not known here. Cure: none: delete its pod if it should be. */
  CNI_UNKNOWN_CONTAINER: 3,
  /** A CNI_* variable is missing or wrong. Cure: correct what the runtime passes. */
  CNI_INVALID_ENVIRONMENT: 4,
  /** Reading or running something failed. Cure: see the cause in the message. */
  CNI_IO_FAILURE: 5,
  /** Text is not JSON, or JSON of another shape. Cure: correct what the message names. */
  CNI_DECODING_FAILURE: 6,
  /** A network configuration has a wrong field. Cure: correct the field that the message names. */
  CNI_INVALID_CONFIG: 7,
  /** CNI_NETNS is no usable namespace. Cure: none here: the runtime has to make the sandbox anew. */
  CNI_INVALID_NETNS: 8,
  /** Something is away for now, or took too long. Cure: none: the runtime tries again. */
  CNI_TRY_AGAIN_LATER: 11,
  /** No ADD can succeed on this node now. Cure: see whether the agent runs. */
  CNI_NOT_AVAILABLE: 50,
  /** ADD works, but some networks do not. Cure: see the message. */
  CNI_LIMITED_CONNECTIVITY: 51,
  /** A third-party plugin failed; its own number, where it gave one, takes this one's place. Cure: see the plugin's words in the message. */
  CNI_DELEGATE_FAILED: 999,
  /** Something that should not happen. Cure: report it with the agent's log. */
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
