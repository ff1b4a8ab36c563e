import type { ControllerDeps } from './deps.ts';

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
