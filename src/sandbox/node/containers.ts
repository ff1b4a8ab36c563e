import { type ChildProcess, spawn } from 'node:child_process';
import { SandboxError } from '../errors.ts';
import { ownProgram } from '../program.ts';
import type { SandboxPod } from '../resources.ts';

/** What a container without ports listens on. */
const DEFAULT_PORT = 8080;

export interface RunningContainers {
  /** Resolves when the process ends by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a pod's containers: one process in the pod's network namespace that listens on all their ports.
 * Resolves when it answers.
 *
 * @throws SandboxError CHILD_DIED
 */
export async function startContainers(
  pod: SandboxPod,
  netns: string,
  controlSocket: string,
): Promise<RunningContainers> {
  const [command, main] = ownProgram();
  const child = spawn(
    'nsenter',
    [
      `--net=${netns}`,
      command,
      main,
      'sandbox-responder',
      pod.metadata.name,
      containerPorts(pod).join(','),
      controlSocket,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>(resolve => {
    child.once('close', () => resolve());
  });
  await firstOutput(child, `containers of pod "${pod.metadata.namespace}/${pod.metadata.name}"`);
  return {
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The ports that a pod's process listens on, each once; one of its own where the pod names none. */
export function containerPorts(pod: SandboxPod): number[] {
  const ports = (pod.spec.containers ?? []).flatMap(container => container.ports ?? []).map(port => port.containerPort);
  return ports.length === 0 ? [DEFAULT_PORT] : [...new Set(ports)];
}

/** Resolves with the first thing that a child says on stdout. */
export function firstOutput(child: ChildProcess, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('error', cause =>
      reject(new SandboxError('CHILD_DIED', `Cannot start ${what}: ${cause.message}`, { cause })),
    );
    child.once('close', (code, signal) =>
      reject(new SandboxError('CHILD_DIED', `Cannot start ${what}: it ended with ${signal ?? `exit code ${code}`}`)),
    );
  });
}
