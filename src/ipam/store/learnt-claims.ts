import type { Clock } from '#base';
import { createGrowingSet, type GrowingSet } from '#ip';

/** Addresses of a pool that were found held, by whomever: what a process learns that does not see all claims. */
export interface LearntClaims {
  /** Changes as more is learnt. */
  readonly taken: Pick<GrowingSet, 'has' | 'firstFree' | 'within'>;
  note(value: bigint): void;
  /**
   * Asks which ones are held, and takes the answer in place of what was learnt before it was asked. Of several who ask at once
   * one is heard, and one more for all that came meanwhile: an answer is never older than its question.
   */
  ask(survey: () => Promise<Iterable<bigint>>): Promise<void>;
}

/** What was learnt is forgotten after a while: it costs failed creates, and what was released since is free. */
const MEMORY_MS = 300_000;

export function createLearntClaims(clock: Pick<Clock, 'now'>): LearntClaims {
  let known = createGrowingSet();
  let since = clock.now();
  /** Noted while the answer was under way: it may not tell of them. */
  let latest: bigint[] = [];
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function current(): GrowingSet {
    if (clock.now() - since > MEMORY_MS) {
      known = createGrowingSet();
      since = clock.now();
    }
    return known;
  }

  async function hear(survey: () => Promise<Iterable<bigint>>): Promise<void> {
    latest = [];
    const answer = createGrowingSet();
    for (const value of await survey()) answer.add(value);
    for (const value of latest) answer.add(value);
    known = answer;
    since = clock.now();
  }

  function start(survey: () => Promise<Iterable<bigint>>): Promise<void> {
    const heard = hear(survey);
    const ended = (): void => {
      running = undefined;
    };
    running = heard.then(ended, ended);
    return heard;
  }

  return {
    taken: {
      has: value => current().has(value),
      firstFree: (set, from) => current().firstFree(set, from),
      within: range => current().within(range),
    },
    note(value) {
      latest.push(value);
      current().add(value);
    },
    ask(survey) {
      if (running === undefined) return start(survey);
      next ??= running.then(() => {
        next = undefined;
        return start(survey);
      });
      return next;
    },
  };
}
