import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentSetup, type BenchAgent, startAgent } from '../agent.ts';
import { type BenchCluster, claimedMacvlan } from '../bench-cluster.ts';

export interface ClusterAgentSetup extends Omit<AgentSetup, 'kubeconfig'> {
  readonly cluster: BenchCluster;
  /** Plugins behind the default network's macvlan. */
  readonly chained?: readonly unknown[];
}

/** Starts a cluster's agent whose default network is macvlan on the LAN, with claimed addresses. */
export async function startClusterAgent({ cluster, chained = [], ...setup }: ClusterAgentSetup): Promise<BenchAgent> {
  const agent = await startAgent({ ...setup, kubeconfig: cluster.kubeconfig });
  const range = { range: '172.18.0.0/16', range_start: '172.18.64.1', range_end: '172.18.127.254' };
  const network = { cniVersion: '1.0.0', name: 'default', plugins: [claimedMacvlan(range), ...chained] };
  writeFileSync(join(agent.confDir, '10-default.conflist'), JSON.stringify(network));
  return agent;
}
