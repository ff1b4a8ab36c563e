import { spawn } from 'node:child_process';
import type { Family } from '../family.ts';
import { ownProgram } from '../program.ts';

export interface NodeProcessOptions {
  readonly stateDir: string;
  readonly node: string;
  readonly families: readonly Family[];
  /** See `SandboxOptions`. */
  readonly clusterNetwork: string | undefined;
}

/** Starts a node's process in the node's network namespace. `onEnd` hears when it ends, which it never should. */
export function startNodeProcess(options: NodeProcessOptions, onEnd: (why: string) => void): void {
  const { node } = options;
  const child = spawnInNetns(node, 'sandbox-node', [JSON.stringify(options)]);
  child.once('error', error => onEnd(`Cannot start node "${node}": ${error.message}`));
  child.once('exit', (code, signal) =>
    onEnd(`Cannot run node "${node}" any longer: its process ended with ${signal ?? `exit code ${code}`}`),
  );
}

/** Starts the third host, which only answers and asks. */
export function startOutsider(name: string, port: number, controlSocket: string, onEnd: (why: string) => void): void {
  const child = spawnInNetns(name, 'sandbox-responder', [name, String(port), controlSocket]);
  child.once('error', error => onEnd(`Cannot start "${name}": ${error.message}`));
  child.once('exit', (code, signal) =>
    onEnd(`Cannot run "${name}" any longer: its process ended with ${signal ?? `exit code ${code}`}`),
  );
}

function spawnInNetns(netns: string, process: string, args: readonly string[]): ReturnType<typeof spawn> {
  const [command, main] = ownProgram();
  return spawn('nsenter', [`--net=/run/netns/${netns}`, command, main, process, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
