import { type Clock, codeOf, type Log, messageOf } from '#base';
import { backoffMs } from '#kube';

/** Work that is done again and again. */
export interface Repeater {
  /** Something has changed: the next round begins soon. */
  wake(): void;
  /** Goes on until the signal aborts, then rejects with its reason. */
  run(signal: AbortSignal): Promise<never>;
}

export interface RepeaterOptions {
  /** For the log: what cannot be done. */
  readonly what: string;
  readonly round: (signal: AbortSignal) => Promise<void>;
  /** The longest pause between rounds. */
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Of several changes at once the last one is enough; and two who disagree must not write all the time. */
const SHORTEST_PAUSE_MS = 1_000;

/** A round that fails is begun again after a pause that grows; each 1st, 2nd, 4th, ... failure in a row is logged. */
export function createRepeater({ what, round, everyMs, clock, log }: RepeaterOptions): Repeater {
  let woken = new AbortController();
  return {
    wake: () => woken.abort(),
    async run(signal) {
      for (let failures = 0; ; ) {
        woken = new AbortController();
        try {
          await round(signal);
          failures = 0;
        } catch (error) {
          signal.throwIfAborted();
          failures++;
          if (Number.isInteger(Math.log2(failures))) {
            log.warn({ failures, code: codeOf(error), error: messageOf(error) }, `Cannot ${what}`);
          }
        }
        await clock.sleep(failures === 0 ? SHORTEST_PAUSE_MS : backoffMs(failures), signal);
        if (failures > 0) continue;
        const rest = AbortSignal.any([signal, woken.signal]);
        // Rejects when it is woken, too.
        await clock.sleep(everyMs, rest).catch(() => signal.throwIfAborted());
      }
    },
  };
}
