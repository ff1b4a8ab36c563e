import { join } from 'node:path';

/** Where a node keeps what a machine would have below /etc, /var/lib and /run. */
export interface NodePaths {
  /** The container runtime's: its first file is the node's network. */
  readonly runtimeConfDir: string;
  /** Underlane's: what its config names as the cluster's default network. */
  readonly networkConfDir: string;
  readonly agentStateDir: string;
  readonly agentSocket: string;
  readonly agentLog: string;
  readonly cniCacheDir: string;
  readonly kubeconfig: string;
  /** Folder of the containers' control sockets. Short: a unix socket's path has 107 characters at most. */
  readonly socketDir: string;
}

export function nodePaths(stateDir: string, node: string): NodePaths {
  const dir = join(stateDir, 'nodes', node);
  const runDir = join('/run/sandbox', node);
  return {
    runtimeConfDir: join(dir, 'net.d'),
    networkConfDir: join(dir, 'networks.d'),
    agentStateDir: join(dir, 'agent'),
    agentSocket: join(runDir, 'agent', 'agent.sock'),
    agentLog: join(dir, 'agent.log'),
    cniCacheDir: join(dir, 'cni-cache'),
    kubeconfig: join(dir, 'kubeconfig'),
    socketDir: join(runDir, 'pods'),
  };
}

/** Where the sandbox asks the node itself, or the outsider, to make requests. */
export function controlSocket(name: string): string {
  return join('/run/sandbox', `${name}.sock`);
}
