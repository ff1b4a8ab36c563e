import type { Log } from '#base';
import { startSupervised } from '../supervised-program.ts';
import type { NodePaths } from './node-paths.ts';

export interface AgentProcessOptions {
  readonly nodeName: string;
  readonly paths: NodePaths;
  readonly cniBinDir: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Runs the node's agent in the calling process's network namespace. Resolves when it is ready for the first time. */
export function startAgent({ nodeName, paths, cniBinDir, log, signal }: AgentProcessOptions): Promise<void> {
  return startSupervised({
    title: `agent of node "${nodeName}"`,
    command: 'agent',
    flags: {
      '--kubeconfig': paths.kubeconfig,
      '--node-name': nodeName,
      '--socket': paths.agentSocket,
      '--state-dir': paths.agentStateDir,
      '--cni-conf-dir': paths.networkConfDir,
      '--cni-bin-dir': cniBinDir,
      '--log-level': 'info',
    },
    // Deletes wait in the kernel: with libuv's four threads a few of them would stop every file access.
    env: { UV_THREADPOOL_SIZE: '16' },
    logFile: paths.agentLog,
    log,
    signal,
  });
}
