import type { BenchServer } from './api-servers.ts';
import { startTaker, type Taker } from './takers.ts';
import type { Done } from './tasks.ts';

/** What it takes to bring a pool from one level to the next. */
export interface FillLevel {
  readonly by: 'agents' | 'controller';
  readonly from: number;
  readonly to: number;
  /** Of all creates. */
  readonly failedShare: number;
  readonly requestsEach: number;
  readonly msEach: number;
}

const LEVELS = [10, 25, 50, 75, 90, 99];
/** 1,000 addresses. */
const RANGE = '10.2.0.1-10.2.3.232/16';
const SIZE = 1_000;
const AT_ONCE = 2;

/** Fills a pool by agents that know their own claims, and by a controller that knows all. */
export async function measureFilling(agents: readonly Taker[], server: BenchServer): Promise<readonly FillLevel[]> {
  const byAgents = await fill(agents, 'agents');
  await server.clear();
  await using controller = await startTaker(server.kubeconfig, 'n0', 'cluster');
  const byController = await fill([controller], 'controller');
  await server.clear();
  return [...byAgents, ...byController];
}

async function fill(takers: readonly Taker[], by: FillLevel['by']): Promise<readonly FillLevel[]> {
  const levels: FillLevel[] = [];
  let filled = 0;
  for (const [index, to] of LEVELS.entries()) {
    const count = Math.floor(((SIZE * to) / 100 - filled) / takers.length);
    const done = await Promise.all(
      takers.map((taker, position) =>
        taker.run({
          kind: 'take',
          range: RANGE,
          run: `fill${by.slice(0, 4)}`,
          from: filled + position * count,
          count,
          atOnce: AT_ONCE,
        }),
      ),
    );
    filled += count * takers.length;
    levels.push({ by, from: LEVELS[index - 1] ?? 0, to, ...figuresOf(done) });
  }
  return levels;
}

function figuresOf(done: readonly Done[]): Pick<FillLevel, 'failedShare' | 'requestsEach' | 'msEach'> {
  const sum = (pick: (one: Done) => number): number => done.reduce((total, one) => total + pick(one), 0);
  const taken = sum(({ times }) => times.length);
  return {
    failedShare: sum(({ requests }) => requests.failedCreates) / sum(({ requests }) => requests.creates),
    requestsEach: sum(({ requests }) => requests.all) / taken,
    msEach: sum(({ times }) => times.reduce((total, ms) => total + ms, 0)) / taken,
  };
}
