import { join } from 'node:path';
import { type AgentMemory, type BenchAgent, startAgent } from '../agent.ts';
import { debianMacvlan, floor, type OwnBuild, oneByOne, ownMacvlan, ownPod } from '../contestants.ts';
import { type ContestantResult, runRounds } from '../run-rounds.ts';
import { distsOf, type ScenarioContext } from './scenario.ts';

export interface AttachReport {
  readonly results: readonly ContestantResult[];
  readonly agent: { readonly idle: AgentMemory; readonly after: AgentMemory };
}

/** One pod at a time without an API server, beside the bare netlink messages. */
export async function attach({ workDir, options, debian, stopwatch }: ScenarioContext): Promise<AttachReport> {
  await using stack = new AsyncDisposableStack();
  const builds: OwnBuild[] = [];
  const agents: BenchAgent[] = [];
  for (const [label, dist] of distsOf(options)) {
    const agent = stack.use(await startAgent({ workDir, name: `attach-${agents.length}`, dist }));
    agents.push(agent);
    builds.push({ label, cniPath: join(dist, 'cni'), env: agent.env });
  }
  const contestants = [
    floor(join(workDir, '..')),
    ...builds.flatMap(build => [ownPod(build), ownMacvlan(build)]).map(one => oneByOne(one, stopwatch)),
    ...(debian === undefined ? [] : [oneByOne(debianMacvlan(debian, join(workDir, 'host-local')), stopwatch)]),
  ];
  const [agent] = agents;
  if (agent === undefined) throw new Error('No agent was started');
  const idle = agent.memory();
  const results = runRounds(contestants, options.runs);
  return { results, agent: { idle, after: agent.memory() } };
}
