import { nearestName } from './nearest-name.ts';

/** Networks that a pod wants beside its default one. */
export const NETWORKS_ANNOTATION = 'k8s.v1.cni.cncf.io/networks';
/** The network that stands in for the default one. */
export const DEFAULT_NETWORK_ANNOTATION = 'v1.multus-cni.io/default-network';
/** What was attached, written by us. */
export const NETWORK_STATUS_ANNOTATION = 'k8s.v1.cni.cncf.io/network-status';
/** On a NetworkAttachmentDefinition: the resource of which each attachment needs a device. */
export const RESOURCE_ANNOTATION = 'k8s.v1.cni.cncf.io/resourceName';

const OTHER_KNOWN_KEYS = [
  // Multus 3 wrote the status under this name too.
  'k8s.v1.cni.cncf.io/networks-status',
  RESOURCE_ANNOTATION,
];
const KNOWN_KEYS = [NETWORKS_ANNOTATION, DEFAULT_NETWORK_ANNOTATION, NETWORK_STATUS_ANNOTATION, ...OTHER_KNOWN_KEYS];

/** Nobody but the multi-network standard and Multus names keys here. */
const PREFIXES = ['k8s.v1.cni.cncf.io/', 'v1.multus-cni.io/'];

/**
 * One sentence for the first annotation key of a pod that looks like a misspelling of one of ours, else undefined.
 * Such a key would otherwise be ignored, and the pod would run without the NIC that it asks for.
 */
export function checkAnnotationNames(annotations: Readonly<Record<string, string>>): string | undefined {
  for (const key of Object.keys(annotations)) {
    const meant = findMeantKey(key);
    if (meant !== undefined) return `Cannot attach networks: annotation "${key}" is unknown, expected "${meant}"`;
  }
  return undefined;
}

function findMeantKey(key: string): string | undefined {
  if (KNOWN_KEYS.includes(key)) return undefined;
  // Below a prefix of ours a short word is near another by chance; a misspelt prefix leaves the long rest to compare.
  const limit = PREFIXES.some(prefix => key.startsWith(prefix)) ? 2 : 3;
  return nearestName(key, KNOWN_KEYS, limit);
}
