import { dirname, join } from 'node:path';
import { isSupportedVersion, NEWEST_VERSION, parseNetworkConfig } from '#cni';
import { readPluginFolder } from '#networks';
import type { NamedNetwork } from './find-network.ts';
import type { PipelineConfig } from './pipeline-config.ts';

/**
 * The plugins that run behind all of a pod's networks: every `*.conf` in the folder of that name beside the default network's
 * file, with `passthru` before them, so that those which want a result find one. None where the folder has none.
 * @throws AttachError, the parsers' errors: what an administrator wants in every pod is not left out silently
 */
export function auxiliaryChain(
  { auxiliaryChain: name, clusterNetwork }: PipelineConfig,
  cniVersion: string,
): NamedNetwork | undefined {
  if (name === undefined || clusterNetwork === undefined) return undefined;
  const folder = join(dirname(clusterNetwork), name);
  const plugins = readPluginFolder(folder);
  if (plugins.length === 0) return undefined;
  const source = `folder "${folder}"`;
  const raw = { name, plugins: [{ type: 'passthru' }, ...plugins] };
  const defaultVersion = isSupportedVersion(cniVersion) ? cniVersion : NEWEST_VERSION;
  return { config: parseNetworkConfig(raw, { source, defaultVersion }), source };
}
