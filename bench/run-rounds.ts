import type { Contestant } from './contestants.ts';
import { makePod, removePod } from './pods.ts';

/** All in milliseconds, one number a pod. */
export interface ContestantResult {
  readonly name: string;
  readonly add: readonly number[];
  readonly del: readonly number[];
}

/** Until code is compiled and caches are warm; not reported. */
const WARM_UP_ROUNDS = 3;

/** Lets each contestant attach and detach one pod a round, in turns, so that a slow moment of the machine hits all alike. */
export function runRounds(contestants: readonly Contestant[], rounds: number): readonly ContestantResult[] {
  const results = contestants.map(({ name }) => ({ name, add: [] as number[], del: [] as number[] }));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    if (round % 10 === 0) process.stderr.write(`round ${round} of ${rounds}\n`);
    for (let turn = 0; turn < contestants.length; turn++) {
      const index = (turn + round + WARM_UP_ROUNDS) % contestants.length;
      const contestant = contestants[index];
      if (contestant === undefined) continue;
      const { add, del } = measure(contestant);
      if (round < 0) continue;
      results[index]?.add.push(add);
      results[index]?.del.push(del);
    }
  }
  return results;
}

function measure(contestant: Contestant): { readonly add: number; readonly del: number } {
  const pod = makePod();
  const add = contestant.add(pod) / 1e6;
  const del = contestant.del(pod) / 1e6;
  removePod(pod);
  Atomics.wait(NOBODY_WAKES, 0, 0, REST_MS);
  return { add, del };
}

/** The kernel clears the pod's namespace away behind everybody's back and under its one lock: not in the next one's times. */
const REST_MS = 50;
const NOBODY_WAKES = new Int32Array(new SharedArrayBuffer(4));
