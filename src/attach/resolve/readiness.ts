import { existsSync } from 'node:fs';
import { AttachError } from '../errors.ts';
import { awaitPath } from './await-path.ts';
import type { PipelineConfig } from './pipeline-config.ts';

/** How long Multus waits. */
const READINESS_LIMIT_MS = 45_000;

/**
 * Resolves when the default network says that it is ready, by a file.
 * @throws AttachError NETWORK_NOT_READY after 45 s; the signal's reason
 */
export async function awaitReadiness(
  { readinessFile, source }: Pick<PipelineConfig, 'readinessFile' | 'source'>,
  signal: AbortSignal,
  limitMs = READINESS_LIMIT_MS,
): Promise<void> {
  if (readinessFile === undefined || existsSync(readinessFile)) return;
  const limit = AbortSignal.timeout(limitMs);
  try {
    await awaitPath(readinessFile, AbortSignal.any([signal, limit]));
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    throw notReady(readinessFile, source, ` after ${limitMs / 1000} s`);
  }
}

/** @throws AttachError NETWORK_NOT_READY at once */
export function requireReadiness({ readinessFile, source }: Pick<PipelineConfig, 'readinessFile' | 'source'>): void {
  if (readinessFile !== undefined && !existsSync(readinessFile)) throw notReady(readinessFile, source, '');
}

function notReady(path: string, source: string, when: string): AttachError {
  return new AttachError(
    'NETWORK_NOT_READY',
    `Cannot use ${source}: readinessindicatorfile "${path}" is not there${when}, expected the default network to make it`,
    { retriable: true },
  );
}
