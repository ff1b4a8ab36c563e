import { UnderlaneError } from '#base';

/** Codes of this room. */
export type NetworksErrorCode =
  /** An annotation's text does not follow the grammar, or asks for what cannot be. */
  | 'ANNOTATION_INVALID'
  /** An annotation asks for something that the standard has and Underlane does not do. */
  | 'ANNOTATION_UNSUPPORTED'
  /** A NetworkAttachmentDefinition's config is missing or wrong. */
  | 'NAD_INVALID';

/** A pod or a NetworkAttachmentDefinition says something that cannot be followed. */
export class NetworksError extends UnderlaneError {
  constructor(code: NetworksErrorCode, message: string, options: ConstructorParameters<typeof UnderlaneError>[2] = {}) {
    super(code, message, options);
  }
}
