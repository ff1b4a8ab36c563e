import type { Command } from 'commander';
import { parseNad } from './parse-nad.ts';

/** Which cluster a command works on, and how networks are found in it. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly namespace: string;
  readonly clusterNetwork?: string;
  readonly multusNamespace: string;
}

/** Adds the options of commands that read networks as agents do, once for the whole cluster. */
export function addClusterFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'how to reach the API server (default: as a pod, by its service account)')
    .option('--namespace <name>', "where the Leases are, the agents' too", 'kube-system')
    .option(
      '--cluster-network <namespace/name>',
      "NetworkAttachmentDefinition of every pod's default network",
      parseNad,
    )
    .option('--multus-namespace <name>', 'where default-network annotations without a namespace look', 'kube-system');
}
