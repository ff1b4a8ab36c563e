import { type Clock, systemClock } from '#base';

/** Answers that are asked for again and again within a moment, and rarely change. */
export interface Remembered {
  /** What `find` answers, or answered others under this key a moment ago. Failures are not remembered. */
  remember<T>(key: string, find: () => Promise<T>): Promise<T>;
}

/** Long enough for all pods of a workload that is rolled out. */
const REMEMBERED_MS = 10_000;
const LIMIT = 1000;

/** An empty memory. Those who ask while another's question is under way wait for its answer. */
export function createRemembered(clock: Pick<Clock, 'now'> = systemClock): Remembered {
  const answers = new Map<string, { readonly answer: Promise<unknown>; readonly until: number }>();
  return {
    remember<T>(key: string, find: () => Promise<T>): Promise<T> {
      const known = answers.get(key);
      // What stands under a key is what the same question was answered.
      if (known !== undefined && known.until > clock.now()) return known.answer as Promise<T>;
      const answer = find();
      answers.delete(key);
      answers.set(key, { answer, until: clock.now() + REMEMBERED_MS });
      const [oldest] = answers.keys();
      if (answers.size > LIMIT && oldest !== undefined) answers.delete(oldest);
      answer.catch(() => {
        if (answers.get(key)?.answer === answer) answers.delete(key);
      });
      return answer;
    },
  };
}
