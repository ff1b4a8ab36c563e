import { toVersionedResult } from './format-result.ts';
import type { JsonObject } from './json-object.ts';
import { isJsonObject } from './json-object.ts';
import type { NetworkConfig, PluginConfig } from './network-config.ts';
import type { CniCommand } from './request.ts';
import type { CniResult } from './result.ts';
import { featuresOf, isSupportedVersion } from './versions.ts';

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
 * The text for a plugin's stdin: a prepared config and the result of what ran before it, in the config's own version;
 * without it in a version that knows no `prevResult` for the command.
 * @throws CniError CNI_INCOMPATIBLE_VERSION
 */
export function prepareStdin(config: PluginConfig, prevResult?: CniResult, command: CniCommand = 'ADD'): string {
  const version = String(config['cniVersion']);
  if (prevResult === undefined || !takesPrevResult(version, command)) return JSON.stringify(config);
  return JSON.stringify({ ...config, prevResult: toVersionedResult(prevResult, version) });
}

function takesPrevResult(version: string, command: CniCommand): boolean {
  // One that we do not speak is refused where the result is printed.
  if (!isSupportedVersion(version)) return true;
  const { hasInterfaces, allowsCheck } = featuresOf(version);
  return command === 'ADD' ? hasInterfaces : allowsCheck;
}
