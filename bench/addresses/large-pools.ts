import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../statistics.ts';
import { startSandboxServer } from './api-servers.ts';
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
const TAKES = 400;

/** On the sandbox's API server, whose memory takes so many claims at once. */
export async function measureLargePools(workDir: string): Promise<readonly LargePool[]> {
  const pools: LargePool[] = [];
  for (const [index, range] of RANGES.entries()) {
    const dir = join(workDir, `large-${index}`);
    mkdirSync(dir);
    process.stderr.write(`${CLAIMS} claims of ${range}\n`);
    await using server = await startSandboxServer(dir);
    const empty = await measure(server.kubeconfig, range, 'empty', 0);
    await server.clear();
    await server.fill({ range, claims: CLAIMS, nodes: NODES });
    const full = await measure(server.kubeconfig, range, 'full', CLAIMS);
    for (const by of ['agent', 'controller'] as const) {
      const [before, after] = [empty[by], full[by]];
      pools.push({
        ...{ range, by, claims: CLAIMS, empty: before.ms, full: after.ms, emptyMb: before.rssMb, fullMb: after.rssMb },
      });
    }
  }
  return pools;
}

interface Figures {
  readonly ms: number;
  readonly rssMb: number;
}

async function measure(
  kubeconfig: string,
  range: string,
  state: string,
  claims: number,
): Promise<Record<LargePool['by'], Figures>> {
  const figures = async (sees: 'node' | 'cluster'): Promise<Figures> => {
    await using taker = await startTaker(kubeconfig, 'n0', sees);
    const task = { kind: 'take', range, run: `${state}${sees.slice(0, 4)}`, atOnce: 1 } as const;
    // Until code is compiled.
    await taker.run({ ...task, from: 0, count: 100 });
    const { times } = await taker.run({ ...task, from: 100, count: TAKES });
    const { rssMb } = await taker.run({ kind: 'know', claims: sees === 'cluster' ? claims : claims / NODES });
    return { ms: median(times), rssMb };
  };
  return { agent: await figures('node'), controller: await figures('cluster') };
}
