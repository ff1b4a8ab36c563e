import type { CniRequest, NetworkConfig } from '#cni';
import { type ChainStep, parseChain } from './chain.ts';
import { PIPELINE_NAMES } from './entry.ts';
import { clusterNetwork } from './find-network.ts';
import { flatFileSource } from './flat-file-source.ts';
import { type ResolveDeps, resolveSinglePlugin } from './resolve.ts';

/**
 * The network that a GC or STATUS is about: the default network of the pod pipeline, or the one plugin that was called.
 * @throws AttachError, and the parsers' errors
 */
export async function requestedChain(
  request: CniRequest,
  deps: ResolveDeps,
  signal: AbortSignal,
): Promise<{ readonly network: NetworkConfig; readonly chain: readonly ChainStep[] }> {
  if (!PIPELINE_NAMES.has(request.plugin)) return resolveSinglePlugin(request, deps);
  const { config, source } = await clusterNetwork(request, deps, signal);
  return {
    network: config,
    chain: parseChain(config, { source, lacksKind: deps.lacksKind, flatFile: flatFileSource(deps.confDir) }),
  };
}
