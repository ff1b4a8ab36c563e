import { type Clock, type Log, messageOf } from '#base';
import { backoffMs } from '#kube';

export interface HolderOptions {
  /** Makes missing claims again, see Attacher. */
  readonly reassert: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Holds the claims in use against the API server.
 * @returns asks for it: it is tried until it has been done once since the last call, since an address that nobody holds may be given
 *   to somebody else
 */
export function createHolder({ reassert, clock, log, signal }: HolderOptions): () => void {
  let isHeld = true;
  let isHolding = false;

  async function holdOn(): Promise<void> {
    try {
      for (let failures = 0; !isHeld && !signal.aborted; ) {
        isHeld = true;
        try {
          await reassert();
          failures = 0;
        } catch (error) {
          if (signal.aborted) return;
          isHeld = false;
          log.error({ error: messageOf(error) }, 'Cannot hold claims against the API server now');
          // Rejects only on abort, which ends the loop.
          await clock.sleep(backoffMs(++failures), signal).catch(() => undefined);
        }
      }
    } finally {
      // In the same turn as the last look: no call can come between.
      isHolding = false;
    }
  }

  return () => {
    isHeld = false;
    if (isHolding) return;
    isHolding = true;
    holdOn().catch((error: unknown) => log.error({ error: messageOf(error) }, 'Holding claims stopped'));
  };
}
