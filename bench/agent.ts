import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface BenchAgent extends AsyncDisposable {
  /** What CNI programs need to find it. */
  readonly env: Readonly<Record<string, string>>;
  memory(): AgentMemory;
}

/** As the kernel counts, in MB. */
export interface AgentMemory {
  readonly rssMb: number;
  /** What it shares with nobody. */
  readonly anonymousMb: number;
}

/** Starts the built agent without an API server and waits until it is ready. */
export async function startAgent(workDir: string): Promise<BenchAgent> {
  const dir = (name: string): string => join(workDir, name);
  for (const name of ['net.d', 'empty']) mkdirSync(dir(name));
  const flags = {
    'node-name': 'bench',
    socket: '/run/underlane/agent.sock',
    'state-dir': dir('state'),
    'cni-conf-dir': dir('net.d'),
    'cni-bin-dir': dir('empty'),
    'netns-dir': '/run/netns',
    // Nobody reads the pipe while a round runs, and an agent whose pipe is full stands still.
    'log-level': 'warn',
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
  const child = spawn('dist/bin/underlane', ['agent', ...args], { stdio: ['ignore', 'inherit', 'pipe'] });
  const exited = once(child, 'exit');
  await Promise.race([
    waitForLine(child.stderr, /^ready$/),
    exited.then(([code]) => Promise.reject(new Error(`The agent ended with ${code} before it was ready`))),
  ]);
  return {
    env: { UNDERLANE_SOCKET: flags.socket, UNDERLANE_STATE_DIR: flags['state-dir'] },
    memory: () => readMemory(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Passes on what the agent says, until a line says what is waited for, and after it too if it is a complaint. */
async function waitForLine(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<void> {
  await new Promise<void>(resolve => {
    createInterface({ input: stream }).on('line', line => {
      if (/"level":"(warn|error)"/.test(line)) process.stderr.write(`${line}\n`);
      if (pattern.test(line)) resolve();
    });
  });
}

function readMemory(pid: number): AgentMemory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (key: string): number =>
    Math.round(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 102.4) / 10;
  return { rssMb: mb('VmRSS'), anonymousMb: mb('RssAnon') };
}
