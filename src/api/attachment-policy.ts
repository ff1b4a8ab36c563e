import type { KubeObject, Resource } from './object.ts';

/**
 * What the NetworkAttachmentDefinitions of some namespaces may ask of a node. A namespace that no policy names may ask
 * for anything; one that some name may ask for what any of them allows.
 */
export interface AttachmentPolicy extends KubeObject {
  readonly spec: AttachmentPolicySpec;
}

/** Each entry may hold `*` for any text. */
export interface AttachmentPolicySpec {
  /** Namespaces that the policy is about. */
  readonly namespaces: readonly string[];
  /** Plugins that their networks may use, third-party IPAM plugins among them. */
  readonly types: readonly string[];
  /** Interfaces, bridges and devices of the node that their networks may use. */
  readonly masters: readonly string[];
}

export const ATTACHMENT_POLICIES: Resource<AttachmentPolicy> = {
  group: 'underlane.io',
  version: 'v1alpha1',
  plural: 'attachmentpolicies',
  kind: 'AttachmentPolicy',
  isNamespaced: false,
};
