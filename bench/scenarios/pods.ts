import { join } from 'node:path';
import { startCluster } from '../bench-cluster.ts';
import type { CniContestant, OwnBuild } from '../contestants.ts';
import { debianPod, ownClusterPod } from '../pod-contestants.ts';
import { type PodsResult, runPods } from '../run-pods.ts';
import { startClusterAgent } from './cluster-agent.ts';
import { distsOf, type ScenarioContext } from './scenario.ts';

export interface PodsReport {
  readonly results: readonly PodsResult[];
}

const REPEATS = 2;

/** Crowds of pods with an API server, whose addresses are claims. */
export async function pods({ workDir, options, debian, stopwatch }: ScenarioContext): Promise<PodsReport> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await startCluster(workDir));
  const builds: OwnBuild[] = [];
  for (const [label, dist] of distsOf(options)) {
    const name = `pods-${builds.length}`;
    const agent = stack.use(await startClusterAgent({ workDir, name, dist, cluster }));
    builds.push({ label, cniPath: join(dist, 'cni'), env: agent.env });
  }
  const contestantsFor = (networks: number): readonly CniContestant[] => [
    ...builds.map(ownClusterPod),
    ...(debian === undefined ? [] : [debianPod(debian, workDir, networks)]),
  ];
  return { results: await runPods(cluster, contestantsFor, stopwatch, REPEATS) };
}
