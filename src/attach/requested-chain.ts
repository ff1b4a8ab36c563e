import type { CniRequest, NetworkConfig } from '#cni';
import { leftToOthers } from '#ipam';
import { PIPELINE_NAMES } from '#networks';
import { type ChainStep, ipamTypeOf, parseChain } from './chain.ts';
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
  const types = config.plugins.flatMap(({ ipam }) => ipamTypeOf(ipam) ?? []);
  const leftIpams = await leftToOthers(types, deps.catalog, signal);
  const flatFile = flatFileSource(deps.confDir);
  return {
    pipeline,
    network: config,
    chain: parseChain(config, { source, lacksKind: deps.lacksKind, leftIpams, flatFile }),
  };
}
