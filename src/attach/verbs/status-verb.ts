import { messageOf } from '#base';
import { allowsCommand, CniError, type CniRequest } from '#cni';
import { takesClaims } from '#ipam';
import { ApiError } from '#kube';
import { allBinDirs } from '../delegate.ts';
import type { AttachDeps } from '../deps.ts';
import { ipamOf } from '../resolve/chain.ts';
import { chainPrograms, runForNetwork } from '../resolve/chain-programs.ts';
import { requestedChain } from '../resolve/requested-chain.ts';
import type { ResolveDeps } from '../resolve/resolve-deps.ts';

/** A default network that is a NetworkAttachmentDefinition is looked up; an API server that hangs must not make a node hang. */
const LOOKUP_MS = 2_000;

/**
 * STATUS: that we answer, that the default network can be used, and what its third-party plugins say of themselves.
 * An API server that is away and a pool that is full make no node NotReady: pods that have their addresses live on.
 * @throws CniError CNI_NOT_AVAILABLE; a plugin's own error, unchanged
 */
export async function reportStatus(
  request: CniRequest,
  deps: AttachDeps,
  sources: ResolveDeps,
  signal: AbortSignal,
): Promise<void> {
  const lookup = AbortSignal.timeout(LOOKUP_MS);
  let found: Awaited<ReturnType<typeof requestedChain>>;
  try {
    found = await requestedChain(request, sources, AbortSignal.any([signal, lookup]));
  } catch (error) {
    signal.throwIfAborted();
    if (!lookup.aborted && !(error instanceof ApiError)) throw notAvailable(error);
    deps.log.warn({ error: messageOf(error) }, 'STATUS cannot see the default network now');
    return;
  }
  const { network, chain, pipeline } = found;
  const binDirs = allBinDirs(deps, pipeline ?? {});
  const clusterWide = chain.map(ipamOf).find(ipam => ipam !== undefined && takesClaims(ipam));
  if (clusterWide !== undefined && deps.cluster === undefined) {
    throw notAvailable(
      `ipam type "${clusterWide.dialect}" of network "${network.name}" is cluster-wide, but the agent has no API server (start it with --kubeconfig)`,
    );
  }
  if (!allowsCommand(network.cniVersion, 'STATUS')) return;
  for (const program of chainPrograms(chain)) {
    try {
      await runForNetwork('STATUS', network, program, {}, { ...deps, binDirs }, signal);
    } catch (error) {
      if (error instanceof CniError) throw error;
      throw notAvailable(error);
    }
  }
}

function notAvailable(cause: unknown): CniError {
  return new CniError('CNI_NOT_AVAILABLE', `The network is not available: ${messageOf(cause)}`, { cause });
}
