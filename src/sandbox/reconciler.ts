import { type Log, messageOf, systemClock } from '#base';

/** A loop that makes the world match again after each change, one run at a time, and tries again after a failure. */
export interface Reconciler {
  /** Asks for a run. Requests that arrive before it starts are served by the same one. */
  trigger(): void;
  /** Resolves after the signal's abort, once nothing runs any more. */
  readonly done: Promise<void>;
}

export interface ReconcilerOptions {
  readonly name: string;
  readonly reconcile: () => Promise<void>;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Rest after a run, so that many changes at once are served by few runs. @default 0 */
  readonly pauseMs?: number;
}

const BACKOFF_MS = { first: 100, last: 5_000 };

/** A loop at rest: it runs first when it is triggered. */
export function startReconciler({ name, reconcile, log, signal, pauseMs = 0 }: ReconcilerOptions): Reconciler {
  let isWanted = false;
  let wake: () => void = () => undefined;

  async function run(): Promise<void> {
    let backoffMs = BACKOFF_MS.first;
    while (!signal.aborted) {
      if (!isWanted) {
        await new Promise<void>(resolve => {
          wake = resolve;
        });
        continue;
      }
      isWanted = false;
      try {
        await reconcile();
        backoffMs = BACKOFF_MS.first;
        if (pauseMs > 0) await systemClock.sleep(pauseMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ loop: name, error: messageOf(error) }, 'loop failed, trying again');
        isWanted = true;
        await systemClock.sleep(backoffMs, signal).catch(() => undefined); // rejects on abort, which the loop looks at itself
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.last);
      }
    }
  }

  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    trigger() {
      isWanted = true;
      wake();
    },
    done: run(),
  };
}
