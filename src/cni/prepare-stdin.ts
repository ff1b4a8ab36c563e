import { toVersionedResult } from './format-result.ts';
import type { JsonObject } from './json-object.ts';
import { isJsonObject } from './json-object.ts';
import type { NetworkConfig, PluginConfig } from './network-config.ts';
import type { CniResult } from './result.ts';

export interface PluginCall {
  readonly network: Pick<NetworkConfig, 'name' | 'cniVersion'>;
  readonly plugin: PluginConfig;
  /** Everything that was asked for; each plugin gets only what its `capabilities` declare. */
  readonly runtimeConfig?: JsonObject;
}

/**
 * One plugin's object as a runtime hands it over, less `prevResult`: with the network's name and version and its share of
 * the runtime config, without `capabilities`.
 * Spec: https://www.cni.dev/docs/spec/#deriving-execution-configuration-from-plugin-configuration
 */
export function preparePluginConfig({ network, plugin, runtimeConfig = {} }: PluginCall): PluginConfig {
  const { capabilities, prevResult: _stale, ...own } = plugin;
  const declared = isJsonObject(capabilities) ? capabilities : {};
  const share = Object.fromEntries(Object.entries(runtimeConfig).filter(([key]) => declared[key] === true));
  return {
    ...own,
    type: plugin.type,
    cniVersion: network.cniVersion,
    name: network.name,
    ...(Object.keys(share).length > 0 && { runtimeConfig: share }),
  };
}

/**
 * The text for a plugin's stdin: a prepared config and the result of what ran before it, in the config's own version.
 * @throws CniError CNI_INCOMPATIBLE_VERSION
 */
export function prepareStdin(config: PluginConfig, prevResult?: CniResult): string {
  if (prevResult === undefined) return JSON.stringify(config);
  return JSON.stringify({ ...config, prevResult: toVersionedResult(prevResult, String(config['cniVersion'])) });
}
