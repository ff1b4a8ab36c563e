import { AUTO_POOLS_LOOP } from './auto-pools/auto-pools.ts';
import { COLLECT_LOOP } from './collect/collect-claims.ts';
import type { ControllerDeps } from './deps.ts';
import { POOLS_LOOP } from './pools/pools-loop.ts';
import { PREALLOCATE_LOOP } from './preallocate/preallocate.ts';
import { VIEWS_LOOP } from './views/views-loop.ts';
import { WEBHOOK_LOOPS } from './webhooks/webhook-loops.ts';

/** One of the things that the controller does all the time. */
export interface Loop {
  /** For the log and the metrics. */
  readonly name: string;
  /** `leader`: on one replica, as far as that can be known: two that do it at once must do no harm. `every`: on all. */
  readonly runsOn: 'leader' | 'every';
  /**
   * Goes on until the signal aborts, then returns or rejects with its reason. One that ends before, or throws, is started
   * again after a pause, with another signal: this one aborts then. Whatever only one loop needs it makes itself, with it.
   */
  start(deps: ControllerDeps, signal: AbortSignal): Promise<unknown>;
}

/** All of them. Their order means nothing. */
export const LOOPS: readonly Loop[] = [
  AUTO_POOLS_LOOP,
  COLLECT_LOOP,
  POOLS_LOOP,
  PREALLOCATE_LOOP,
  VIEWS_LOOP,
  ...WEBHOOK_LOOPS,
];
