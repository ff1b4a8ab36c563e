import { join } from 'node:path';
import { startCluster } from '../bench-cluster.ts';
import { VETH } from '../contestants.ts';
import { ownClusterPod } from '../pod-contestants.ts';
import type { ProbeReport } from '../probe.ts';
import { runCrowd } from '../run-pods.ts';
import { startClusterAgent } from './cluster-agent.ts';
import { distsOf, type ScenarioContext } from './scenario.ts';

export interface LoopReport {
  readonly results: readonly LoopResult[];
}

export interface LoopResult {
  readonly name: string;
  readonly add: ProbeReport;
  readonly del: ProbeReport;
}

/** Three links each: two macvlans and a veth pair. */
const CROWD = { networks: 1, atOnce: 50, pods: 50 };
const REPEATS = 3;

/** What an agent's event loop and thread pool feel like while 50 pods come at once, and go at once. */
export async function loop({ workDir, options, stopwatch }: ScenarioContext): Promise<LoopReport> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await startCluster(workDir));
  const results: LoopResult[] = [];
  for (const [label, dist] of distsOf(options)) {
    const name = `loop-${results.length}`;
    const agent = stack.use(await startClusterAgent({ workDir, name, dist, cluster, chained: [VETH], hasProbe: true }));
    const contestant = ownClusterPod({ label, cniPath: join(dist, 'cni'), env: agent.env });
    const add = { loopGaps: [] as number[], fsCalls: [] as number[] };
    const del = { loopGaps: [] as number[], fsCalls: [] as number[] };
    // The first crowd is for warming up.
    for (let repeat = -1; repeat < REPEATS; repeat++) {
      process.stderr.write(`${label}: what the loop feels of ${CROWD.pods} pods at once\n`);
      const take = async (into: typeof add): Promise<void> => {
        const { loopGaps, fsCalls } = await agent.probe();
        if (repeat < 0) return;
        into.loopGaps.push(...loopGaps);
        into.fsCalls.push(...fsCalls);
      };
      await runCrowd(cluster, contestant, stopwatch, CROWD, {
        beforeAdd: async () => void (await agent.probe()),
        afterAdd: () => take(add),
        afterDel: () => take(del),
      });
    }
    results.push({ name: label, add, del });
  }
  return { results };
}
