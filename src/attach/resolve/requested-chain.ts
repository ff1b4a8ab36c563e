import type { CniRequest, NetworkConfig } from '#cni';
import { PIPELINE_NAMES } from '#networks';
import { type ChainStep, parseChain } from './chain.ts';
import { clusterNetwork } from './find-network.ts';
import { flatFileSource } from './flat-file-source.ts';
import type { PipelineConfig } from './pipeline-config.ts';
import { awaitReadiness, requireReadiness } from './readiness.ts';
import { pipelineOf, type ResolveDeps } from './resolve-deps.ts';
import { resolveSinglePlugin } from './resolve-written.ts';

export interface RequestedChain {
  readonly network: NetworkConfig;
  readonly chain: readonly ChainStep[];
  /** Undefined for a plugin that was called by its own name. */
  readonly pipeline?: PipelineConfig;
}

/**
 * The network that a GC or STATUS is about: the default network of the pod pipeline, or the one plugin that was called.
 * @throws AttachError, and the parsers' errors
 */
export async function requestedChain(
  request: CniRequest,
  deps: ResolveDeps,
  signal: AbortSignal,
): Promise<RequestedChain> {
  if (!PIPELINE_NAMES.has(request.plugin)) return resolveSinglePlugin(request, deps);
  const pipeline = pipelineOf(request, deps);
  if (request.command === 'STATUS') requireReadiness(pipeline);
  else await awaitReadiness(pipeline, signal);
  const { config, source } = await clusterNetwork(pipeline, deps, signal);
  return {
    pipeline,
    network: config,
    // An ipam that is left to its own plugin is not: Kube-OVN's knows neither verb, and whose it is only the API server tells.
    chain: parseChain(config, { source, lacksKind: deps.lacksKind, flatFile: flatFileSource(deps.confDir) }),
  };
}
