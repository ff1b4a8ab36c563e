import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../statistics.ts';
import { type SandboxServer, startSandboxServer } from './api-servers.ts';
import { startTaker } from './takers.ts';

/** What a pool's claims cost whoever takes one more, and what they weigh. */
export interface LargePool {
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

/** On two of the sandbox's API servers, of whose memories one is filled at once. */
export async function measureLargePools(workDir: string): Promise<readonly LargePool[]> {
  const pools: LargePool[] = [];
  for (const [index, range] of RANGES.entries()) {
    process.stderr.write(`${CLAIMS} claims of ${range}\n`);
    await using stack = new AsyncDisposableStack();
    const start = async (state: string): Promise<SandboxServer> => {
      const dir = join(workDir, `large-${index}-${state}`);
      mkdirSync(dir);
      return stack.use(await startSandboxServer(dir));
    };
    const [empty, full] = [await start('empty'), await start('full')];
    await full.fill({ range, claims: CLAIMS, nodes: NODES });
    for (const by of ['agent', 'controller'] as const) {
      pools.push({ range, by, claims: CLAIMS, ...(await measure(empty, full, range, by)) });
    }
  }
  return pools;
}

async function measure(
  empty: SandboxServer,
  full: SandboxServer,
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
