/** The CNI protocol: requests, configurations, results and errors of every version we speak, and exec of other plugins. */
export type { CniArgs, PodArgs } from './args.ts';
export { emptyArgs, formatArgs, parseArgs } from './args.ts';
export type { CniErrorObject } from './cni-error-object.ts';
export { formatError, toCniError } from './cni-error-object.ts';
export type { CniErrorCode, CniErrorOptions } from './errors.ts';
export { CniError } from './errors.ts';
export type { PluginExec, PluginOutput } from './exec-plugin.ts';
export { execPlugin } from './exec-plugin.ts';
export { findPlugin } from './find-plugin.ts';
export type { VersionedResult } from './format-result.ts';
export { formatResult, toVersionedResult } from './format-result.ts';
export type { JsonObject } from './json-object.ts';
export { isJsonObject, parseShallowJson } from './json-object.ts';
export type { Launcher } from './launcher.ts';
export { launcherArgs } from './launcher.ts';
export { ifnameProblem, isContainerId, isNetworkName, isPluginType } from './names.ts';
export type { NetworkConfig, NetworkConfigOptions, PluginConfig } from './network-config.ts';
export { parseNetworkConfig, parsePluginConfig } from './network-config.ts';
export { parseResult } from './parse-result.ts';
export type { PluginEnvInput } from './plugin-env.ts';
export { formatPluginEnv } from './plugin-env.ts';
export type { PluginCall } from './prepare-stdin.ts';
export { preparePluginConfig, prepareStdin } from './prepare-stdin.ts';
export type { CniCommand, CniRequest, RequestConfig, RequestInput } from './request.ts';
export { findCniVersion, parseRequest } from './request.ts';
export type { CniDns, CniInterface, CniIp, CniResult, CniRoute } from './result.ts';
export { emptyResult } from './result.ts';
export type { ValidAttachment } from './valid-attachments.ts';
export { formatValidAttachments } from './valid-attachments.ts';
export type { CniVersion } from './versions.ts';
export {
  allowsCommand,
  formatVersionReply,
  isSupportedVersion,
  NEWEST_VERSION,
  SUPPORTED_VERSIONS,
} from './versions.ts';
