import { join } from 'node:path';
import type { AgentMemory } from '../agent.ts';
import { startCluster } from '../bench-cluster.ts';
import { ownClusterPod } from '../pod-contestants.ts';
import { runCrowd } from '../run-pods.ts';
import { startClusterAgent } from './cluster-agent.ts';
import { distsOf, type ScenarioContext } from './scenario.ts';

export interface MemoryReport {
  readonly results: readonly MemoryResult[];
}

export interface MemoryResult {
  readonly name: string;
  readonly pods: number;
  readonly before: AgentMemory;
  readonly attached: AgentMemory;
  readonly after: AgentMemory;
}

/** Of two networks each. */
const CROWD = { networks: 1, atOnce: 10, pods: 500 };

/** What an agent weighs before, with and after 500 pods. */
export async function memory({ workDir, options, stopwatch }: ScenarioContext): Promise<MemoryReport> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await startCluster(workDir));
  const results: MemoryResult[] = [];
  for (const [label, dist] of distsOf(options)) {
    const agent = stack.use(await startClusterAgent({ workDir, name: `memory-${results.length}`, dist, cluster }));
    const contestant = ownClusterPod({ label, cniPath: join(dist, 'cni'), env: agent.env });
    const before = agent.memory();
    let attached = before;
    process.stderr.write(`${label}: what ${CROWD.pods} pods weigh\n`);
    await runCrowd(cluster, contestant, stopwatch, CROWD, {
      afterAdd: () => {
        attached = agent.memory();
      },
    });
    results.push({ name: label, pods: CROWD.pods, before, attached, after: agent.memory() });
  }
  return { results };
}
