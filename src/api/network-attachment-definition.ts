import type { KubeObject, Resource } from './object.ts';

/** `k8s.cni.cncf.io/v1`, the NPWG standard's own object: `spec.config` is a CNI configuration as text. */
export interface NetworkAttachmentDefinition extends KubeObject {
  readonly spec?: { readonly config?: string };
}

export const NETWORK_ATTACHMENT_DEFINITIONS: Resource<NetworkAttachmentDefinition> = {
  group: 'k8s.cni.cncf.io',
  version: 'v1',
  plural: 'network-attachment-definitions',
  kind: 'NetworkAttachmentDefinition',
  isNamespaced: true,
};
