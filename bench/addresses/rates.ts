import { percentile } from '../statistics.ts';
import type { BenchServer } from './api-servers.ts';
import type { Taker } from './takers.ts';
import type { Done, Task } from './tasks.ts';

/** What so many writers get done, each as fast as it can. */
export interface Rate {
  readonly writers: number;
  readonly what: 'bare creates' | 'addresses taken';
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  /** Of addresses taken. */
  readonly requestsEach: number;
}

const WRITERS = [1, 10, 50];
/** Operations a writer, fewer of many: a few seconds each. */
const OPERATIONS: Readonly<Record<number, number>> = { 1: 300, 10: 80, 50: 40 };
const ROUNDS = 2;

/** Bare creates and takes in turns, so that a slow moment of the machine hits both; the better of two rounds each. */
export async function measureRates(agents: readonly Taker[], server: BenchServer): Promise<readonly Rate[]> {
  const rates: Rate[] = [];
  for (const writers of WRITERS) {
    const found: Rate[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const what of ['bare creates', 'addresses taken'] as const) {
        found.push(await measure(agents, writers, what, round));
        await server.clear();
      }
    }
    for (const what of ['bare creates', 'addresses taken'] as const) {
      const best = found.filter(rate => rate.what === what).toSorted((a, b) => b.perSecond - a.perSecond)[0];
      if (best !== undefined) rates.push(best);
    }
  }
  return rates;
}

async function measure(all: readonly Taker[], writers: number, what: Rate['what'], round: number): Promise<Rate> {
  const agents = all.slice(0, writers);
  const atOnce = Math.ceil(writers / agents.length);
  const count = (OPERATIONS[writers] ?? 100) * atOnce;
  const start = performance.now();
  const done = await Promise.all(
    agents.map((agent, index) => {
      const part = { run: `rate${writers}${round}`, from: index * count, count, atOnce };
      const task: Task =
        what === 'bare creates' ? { kind: 'create', ...part } : { kind: 'take', range: '10.0.0.0/16', ...part };
      return agent.run(task);
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const times = done.flatMap(one => one.times);
  return {
    writers,
    what,
    perSecond: times.length / seconds,
    p50: percentile(times, 50),
    p95: percentile(times, 95),
    requestsEach: what === 'bare creates' ? 1 : requestsOf(done) / times.length,
  };
}

function requestsOf(done: readonly Done[]): number {
  return done.reduce((sum, { requests }) => sum + requests.all, 0);
}
