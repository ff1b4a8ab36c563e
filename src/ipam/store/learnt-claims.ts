import type { Clock } from '#base';
import { createGrowingSet, type GrowingSet } from '#ip';
import { isOlder } from '#kube';

/** Addresses of a pool that were found held, and for which nodes: what a process learns that does not see all claims. */
export interface LearntClaims {
  /** Changes as more is learnt. */
  readonly taken: Pick<GrowingSet, 'has' | 'firstFree'>;
  /** The nodes that they are held for, as of now. */
  rivals(): ReadonlySet<string>;
  /** @param resourceVersion of the object that holds it */
  note(found: FoundClaim, resourceVersion?: string): void;
  /**
   * Asks which ones are held, and takes the answer in place of what was learnt before it was asked. Of several who ask at once
   * one is heard, and one more for all that came meanwhile.
   * @param survey its answer must not be older than the resourceVersion that it gets, which covers all that was noted
   */
  ask(survey: (notOlderThan: string) => Promise<Iterable<FoundClaim>>): Promise<void>;
}

/** An address that is held, and the node that it is held for. */
export interface FoundClaim {
  readonly value: bigint;
  readonly node: string;
}

/** What was learnt is forgotten after a while: it costs failed creates, and what was released since is free. */
const MEMORY_MS = 300_000;
/** Of a server's memory: however old. */
const ANY_VERSION = '0';

export function createLearntClaims(clock: Pick<Clock, 'now'>): LearntClaims {
  let known = createFound();
  let since = clock.now();
  let newest = ANY_VERSION;
  /** Noted while the answer was under way: it may not tell of them. */
  let latest: FoundClaim[] = [];
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function current(): Found {
    if (clock.now() - since > MEMORY_MS) {
      known = createFound();
      since = clock.now();
    }
    return known;
  }

  async function hear(survey: (notOlderThan: string) => Promise<Iterable<FoundClaim>>): Promise<void> {
    latest = [];
    const answer = createFound();
    for (const found of await survey(newest)) add(answer, found);
    for (const found of latest) add(answer, found);
    known = answer;
    since = clock.now();
  }

  function start(survey: (notOlderThan: string) => Promise<Iterable<FoundClaim>>): Promise<void> {
    const heard = hear(survey);
    const ended = (): void => {
      running = undefined;
    };
    running = heard.then(ended, ended);
    return heard;
  }

  return {
    taken: {
      has: value => current().values.has(value),
      firstFree: (set, from) => current().values.firstFree(set, from),
    },
    rivals: () => current().nodes,
    note(found, resourceVersion = ANY_VERSION) {
      latest.push(found);
      add(current(), found);
      // One that is no number is the server's own affair.
      if (isOlder(newest, resourceVersion) === true) newest = resourceVersion;
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

interface Found {
  readonly values: GrowingSet;
  readonly nodes: Set<string>;
}

function createFound(): Found {
  return { values: createGrowingSet(), nodes: new Set() };
}

function add({ values, nodes }: Found, { value, node }: FoundClaim): void {
  values.add(value);
  nodes.add(node);
}
