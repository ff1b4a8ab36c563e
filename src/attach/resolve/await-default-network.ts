import type { CniRequest } from '#cni';
import { PIPELINE_NAMES } from '#networks';
import { awaitReadiness } from './readiness.ts';
import { pipelineOf, type ResolveDeps } from './resolve-deps.ts';

/** Whether a request needs the pod's default network: {@link awaitDefaultNetwork}. */
export function needsDefaultNetwork({ command, plugin }: CniRequest): boolean {
  return command === 'ADD' && PIPELINE_NAMES.has(plugin);
}

/**
 * Resolves when the default network says that it is ready, or that was waited for long enough: what is wrong then shows, and is
 * told, in the request's turn.
 * @throws the signal's reason
 */
export async function awaitDefaultNetwork(
  request: CniRequest,
  sources: ResolveDeps,
  signal: AbortSignal,
): Promise<void> {
  try {
    await awaitReadiness(pipelineOf(request, sources), signal);
  } catch {
    signal.throwIfAborted();
  }
}
