/** What the multi-network standard (NPWG) says in annotations and NetworkAttachmentDefinitions, read and written,
 * and CNI configurations in files. */
export {
  checkAnnotationNames,
  DEFAULT_NETWORK_ANNOTATION,
  NETWORK_STATUS_ANNOTATION,
  NETWORKS_ANNOTATION,
  RESOURCE_ANNOTATION,
} from './annotation-keys.ts';
export { assignInterfaceNames } from './assign-interface-names.ts';
export { callsPipeline, PIPELINE_NAMES } from './calls-pipeline.ts';
export type { NetworksErrorCode } from './errors.ts';
export { NetworksError } from './errors.ts';
export { formatNetworkStatus } from './format-network-status.ts';
export { hostPath, listConfFiles, readNetworkFile, readPluginFolder } from './network-files.ts';
export type { Bandwidth, NetworkSelection, PortMapping } from './network-selection.ts';
export type { NetworkStatus, NetworkStatusInput } from './network-status.ts';
export { networkStatusEntries } from './network-status.ts';
export type { AnnotatedNetworks } from './networks-annotation.ts';
export { parseDefaultNetworkAnnotation, parseNetworksAnnotation } from './networks-annotation.ts';
export { DECIDING_KEYS, IGNORED_KEYS, KNOWN_KEYS } from './pipeline-keys.ts';
export { nadSource, resolveNad } from './resolve-nad.ts';
