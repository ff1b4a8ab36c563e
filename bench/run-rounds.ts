import { randomBytes } from 'node:crypto';
import type { AgentMemory } from './agent.ts';
import type { BenchPod, Contestant } from './contestants.ts';
import { ip } from './lan.ts';

export interface BenchReport {
  readonly results: readonly ContestantResult[];
  readonly agent: { readonly idle: AgentMemory; readonly after: AgentMemory };
}

/** All in milliseconds, one number a round. */
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
      const { add, del } = measure(contestant, round + WARM_UP_ROUNDS);
      if (round < 0) continue;
      results[index]?.add.push(add);
      results[index]?.del.push(del);
    }
  }
  return results;
}

function measure(contestant: Contestant, number: number): { readonly add: number; readonly del: number } {
  const containerId = randomBytes(32).toString('hex');
  const name = `pod-${containerId.slice(0, 8)}`;
  const pod: BenchPod = {
    containerId,
    netns: `/run/netns/${name}`,
    ip: `172.18.${1 + (number >> 7)}.${1 + (number & 127)}`,
  };
  ip(`netns add ${name}`);
  const add = contestant.add(pod) / 1e6;
  const del = contestant.del(pod) / 1e6;
  ip(`netns delete ${name}`);
  return { add, del };
}
