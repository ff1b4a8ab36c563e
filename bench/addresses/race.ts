import type { BenchServer } from './api-servers.ts';
import type { Taker } from './takers.ts';

/** As many pods as the pool has addresses, all at once. */
export interface Race {
  readonly agents: number;
  readonly pods: number;
  /** Addresses that were given out, each counted once. */
  readonly distinct: number;
  readonly seconds: number;
  /** Of all creates. */
  readonly failedShare: number;
  readonly requestsEach: number;
}

const PODS = 1_000;
/** Exactly 1,000 addresses: those of 10.1.0.1 to 10.1.3.232. */
const RANGE = '10.1.0.1-10.1.3.232/16';

/** Runs it once; nobody knows of the others' claims. */
export async function measureRace(agents: readonly Taker[], server: BenchServer): Promise<Race> {
  const count = PODS / agents.length;
  const start = performance.now();
  const done = await Promise.all(
    agents.map((agent, index) =>
      agent.run({ kind: 'take', range: RANGE, run: 'racexxxx', from: index * count, count, atOnce: count }),
    ),
  );
  const seconds = (performance.now() - start) / 1000;
  await server.clear();
  const sum = (pick: (requests: (typeof done)[number]['requests']) => number): number =>
    done.reduce((total, { requests }) => total + pick(requests), 0);
  return {
    agents: agents.length,
    pods: PODS,
    distinct: new Set(done.flatMap(({ addresses }) => addresses)).size,
    seconds,
    failedShare: sum(({ failedCreates }) => failedCreates) / sum(({ creates }) => creates),
    requestsEach: sum(({ all }) => all) / PODS,
  };
}
