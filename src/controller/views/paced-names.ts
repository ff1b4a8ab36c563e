import type { Clock } from '#base';
import type { ObjectName } from '#kube';
import { objectKey } from './claim-groups.ts';

/** Objects to be looked at, each no sooner than the pause that was laid on it is over. */
export interface PacedNames {
  /** Asks for a look; asking twice before it comes is asking once. */
  touch(name: ObjectName): void;
  /** Lays a pause on an object. */
  rest(name: ObjectName, ms: number): void;
  /** The object that waits for longest, once there is one. Rejects with the signal's reason. */
  next(signal: AbortSignal): Promise<ObjectName>;
}

interface Resting {
  readonly until: number;
  isTouched: boolean;
}

/** Nothing to look at yet. For one taker at a time. */
export function createPacedNames(clock: Clock): PacedNames {
  const due = new Map<string, ObjectName>();
  const resting = new Map<string, Resting & { readonly name: ObjectName }>();
  let wake = new AbortController();

  /** Ends the pauses that are over; returns how long the shortest of the others still is, of those that matter. */
  function endPauses(): number {
    const now = clock.now();
    let shortest = Number.POSITIVE_INFINITY;
    for (const [key, { until, isTouched, name }] of resting) {
      if (until <= now) {
        resting.delete(key);
        if (isTouched) due.set(key, name);
      } else if (isTouched) {
        shortest = Math.min(shortest, until - now);
      }
    }
    return shortest;
  }

  return {
    touch(name) {
      const key = objectKey(name);
      const rest = resting.get(key);
      if (rest === undefined) due.set(key, name);
      else rest.isTouched = true;
      wake.abort();
    },
    rest(name, ms) {
      const key = objectKey(name);
      const isTouched = due.delete(key) || resting.get(key)?.isTouched === true;
      resting.set(key, { name, until: clock.now() + ms, isTouched });
    },
    async next(signal) {
      for (;;) {
        signal.throwIfAborted();
        const pauseMs = endPauses();
        const [first] = due;
        if (first !== undefined) {
          due.delete(first[0]);
          return first[1];
        }
        wake = new AbortController();
        const rest = AbortSignal.any([signal, wake.signal]);
        // Rejects when it is woken, too. A day stands for ever: something touches before.
        await clock.sleep(Math.min(pauseMs, DAY_MS), rest).catch(() => signal.throwIfAborted());
      }
    },
  };
}

const DAY_MS = 86_400_000;
