import { UnderlaneError } from '#base';

/** Codes of this room. */
export type NetworksErrorCode =
  /** An annotation's text does not follow the grammar, or asks for what cannot be. Cure: correct the element and field that the message names. */
  | 'ANNOTATION_INVALID'
  /** A NetworkAttachmentDefinition's config is missing. Cure: put a CNI configuration into spec.config. */
  | 'NAD_INVALID'
  /** No NetworkAttachmentDefinition, file or default network of this name. Cure: create it, or correct the name or its namespace. */
  | 'NETWORK_NOT_FOUND';

/** A pod or a NetworkAttachmentDefinition says something that cannot be followed, or names what is not there. */
export class NetworksError extends UnderlaneError {
  constructor(code: NetworksErrorCode, message: string, options: ConstructorParameters<typeof UnderlaneError>[2] = {}) {
    super(code, message, options);
  }
}
