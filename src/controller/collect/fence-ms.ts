import type { ControllerOptions } from '../options.ts';

const DEFAULT_SECONDS = 300;

/** How long an agent may be silent before its node counts as dead. */
export function fenceMsOf({ fenceSeconds = DEFAULT_SECONDS }: Pick<ControllerOptions, 'fenceSeconds'>): number {
  return fenceSeconds * 1000;
}
