import { median } from '../statistics.ts';
import type { BenchServer } from './api-servers.ts';
import { startTaker } from './takers.ts';

/** What a pool's claims cost whoever takes one more, and what they weigh. */
export interface LargePool {
  readonly server: string;
  readonly range: string;
  readonly by: 'agent' | 'controller';
  readonly claims: number;
  /** Milliseconds an address, in the middle. */
  readonly empty: number;
  readonly full: number;
  readonly emptyMb: number;
  readonly fullMb: number;
}

const RANGES = ['10.0.0.0/8', 'fd00::/64'];
const CLAIMS = 100_000;
/** An agent's cache holds what is its node's. */
const NODES = 100;
const TAKES = 450;

/** Takes between two changes from one server to the other: a slow moment of the machine hits both. */
const BATCH = 50;

/** On two API servers of a kind, of which one is filled at once. */
export async function measureLargePools(startServer: () => Promise<BenchServer>): Promise<readonly LargePool[]> {
  const pools: LargePool[] = [];
  for (const range of RANGES) {
    await using empty = await startServer();
    await using full = await startServer();
    process.stderr.write(`${full.name}: ${CLAIMS} claims of ${range}\n`);
    await full.fill({ range, claims: CLAIMS, nodes: NODES });
    for (const by of ['agent', 'controller'] as const) {
      pools.push({ server: full.name, range, by, claims: CLAIMS, ...(await measure(empty, full, range, by)) });
    }
  }
  return pools;
}

async function measure(
  empty: BenchServer,
  full: BenchServer,
  range: string,
  by: LargePool['by'],
): Promise<Pick<LargePool, 'empty' | 'full' | 'emptyMb' | 'fullMb'>> {
  const sees = by === 'agent' ? 'node' : 'cluster';
  await using before = await startTaker(empty.kubeconfig, 'n0', sees);
  await using after = await startTaker(full.kubeconfig, 'n0', sees);
  await after.run({ kind: 'know', claims: by === 'agent' ? CLAIMS / NODES : CLAIMS });
  const times: { readonly empty: number[]; readonly full: number[] } = { empty: [], full: [] };
  for (let from = 0; from < TAKES; from += BATCH) {
    const task = { kind: 'take', range, run: `large${by.slice(0, 3)}`, from, count: BATCH, atOnce: 1 } as const;
    const [a, b] = [await before.run(task), await after.run(task)];
    // The first batch is for code to be compiled.
    if (from === 0) continue;
    times.empty.push(...a.times);
    times.full.push(...b.times);
  }
  const [a, b] = [await before.run({ kind: 'know', claims: 0 }), await after.run({ kind: 'know', claims: 0 })];
  return { empty: median(times.empty), full: median(times.full), emptyMb: a.rssMb, fullMb: b.rssMb };
}
