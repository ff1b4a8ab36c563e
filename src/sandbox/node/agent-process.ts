import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Log, systemClock } from '#base';
import { SandboxError } from '../errors.ts';
import { ownProgram } from '../program.ts';
import type { NodePaths } from './node-paths.ts';

export interface AgentProcessOptions {
  readonly nodeName: string;
  readonly paths: NodePaths;
  readonly cniBinDir: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** An agent that died is started again after this: as a node's supervisor does, and short enough for a DEL's retries. */
const RESTART_MS = 500;
/** An agent that says nothing for this long will not come up. */
const READY_MS = 30_000;

/** Runs the node's agent in the calling process's network namespace, again and again. Resolves when it is ready for the first time. */
export async function startAgent(options: AgentProcessOptions): Promise<void> {
  const logFile = createWriteStream(options.paths.agentLog, { flags: 'a' });
  const first = spawnAgent(options);
  await untilReady(first, logFile, options);
  void keepRunning(first, logFile, options);
}

async function keepRunning(first: ChildProcess, logFile: WriteStream, options: AgentProcessOptions): Promise<void> {
  let agent = first;
  while (!options.signal.aborted) {
    await ended(agent);
    options.log.warn(
      { node: options.nodeName, code: agent.exitCode, signal: agent.signalCode },
      'agent ended, starting it again',
    );
    await systemClock.sleep(RESTART_MS, options.signal).catch(() => undefined); // rejects on abort, which the loop looks at itself
    if (options.signal.aborted) return;
    agent = spawnAgent(options);
    agent.stderr?.pipe(logFile, { end: false });
  }
}

function spawnAgent({ nodeName, paths, cniBinDir }: AgentProcessOptions): ChildProcess {
  const [command, main] = ownProgram();
  const flags: Readonly<Record<string, string>> = {
    '--kubeconfig': paths.kubeconfig,
    '--node-name': nodeName,
    '--socket': paths.agentSocket,
    '--state-dir': paths.agentStateDir,
    '--cni-conf-dir': paths.networkConfDir,
    '--cni-bin-dir': cniBinDir,
    '--log-level': 'info',
  };
  // Deletes wait in the kernel: with libuv's four threads a few of them would stop every file access.
  const env = { ...process.env, UV_THREADPOOL_SIZE: '16' };
  return spawn(command, [main, 'agent', ...Object.entries(flags).flat()], { stdio: ['ignore', 'ignore', 'pipe'], env });
}

/** The agent says `ready` on stderr, on a line of its own. */
async function untilReady(
  agent: ChildProcess,
  logFile: WriteStream,
  { nodeName, paths }: AgentProcessOptions,
): Promise<void> {
  if (agent.stderr === null)
    throw new SandboxError('CHILD_DIED', `Cannot read the agent of node "${nodeName}": it has no stderr`);
  agent.stderr.pipe(logFile, { end: false });
  const lines = createInterface({ input: agent.stderr });
  const failed = (why: string): SandboxError =>
    new SandboxError('CHILD_DIED', `Cannot start the agent of node "${nodeName}": ${why}, see ${paths.agentLog}`);
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    let last = '';
    timer = setTimeout(() => reject(failed(`not ready after ${READY_MS} ms, last words "${last}"`)), READY_MS);
    lines.on('line', line => {
      last = line;
      if (isReadyLine(line)) resolve();
    });
    lines.on('close', () => reject(failed(`it ended with "${last}"`)));
  }).finally(() => clearTimeout(timer));
}

export function isReadyLine(line: string): boolean {
  return line === 'ready';
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
  });
}
