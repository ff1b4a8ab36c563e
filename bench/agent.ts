import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ProbeReport } from './probe.ts';

export interface AgentSetup {
  readonly workDir: string;
  /** Tells its files from those of others. */
  readonly name: string;
  /** The build to run. */
  readonly dist: string;
  readonly kubeconfig?: string;
  /** Watches the agent from inside, see `BenchAgent.probe`. */
  readonly hasProbe?: true;
}

export interface BenchAgent extends AsyncDisposable {
  /** What CNI programs need to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it looks for the default network. */
  readonly confDir: string;
  memory(): AgentMemory;
  /** What its event loop and its thread pool felt like since the last time. */
  probe(): Promise<ProbeReport>;
}

/** As the kernel counts, in MB. */
export interface AgentMemory {
  readonly rssMb: number;
  /** What it shares with nobody. */
  readonly anonymousMb: number;
}

/** Starts a built agent and waits until it is ready. */
export async function startAgent(setup: AgentSetup): Promise<BenchAgent> {
  const dir = (name: string): string => join(setup.workDir, setup.name, name);
  for (const name of ['net.d', 'empty']) mkdirSync(dir(name), { recursive: true });
  const flags = {
    ...(setup.kubeconfig === undefined ? {} : { kubeconfig: setup.kubeconfig }),
    'node-name': 'bench',
    socket: `/run/underlane/${setup.name}/agent.sock`,
    'state-dir': dir('state'),
    'cni-conf-dir': dir('net.d'),
    'cni-bin-dir': dir('empty'),
    // Nobody reads the pipe while a round runs, and an agent whose pipe is full stands still.
    'log-level': 'warn',
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
  const probe = { NODE_OPTIONS: `--import=${new URL('probe.ts', import.meta.url).href}` };
  const child = spawn(join(setup.dist, 'bin/underlane'), ['agent', ...args], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: { ...process.env, ...(setup.hasProbe ? probe : {}) },
  });
  const exited = once(child, 'exit');
  await Promise.race([
    waitForLine(child, /^ready$/),
    exited.then(([code]) => Promise.reject(new Error(`The agent ended with ${code} before it was ready`))),
  ]);
  return {
    env: { UNDERLANE_SOCKET: flags.socket, UNDERLANE_STATE_DIR: flags['state-dir'] },
    confDir: flags['cni-conf-dir'],
    memory: () => readMemory(child.pid ?? 0),
    async probe() {
      const answer = once(child, 'message');
      child.send('report');
      const [report] = await answer;
      // probe.ts says it.
      return report as ProbeReport;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Passes on what the agent says, until a line says what is waited for, and after it too if it is a complaint. */
async function waitForLine(child: ChildProcess, pattern: RegExp): Promise<void> {
  const { stderr } = child;
  if (stderr === null) throw new Error('The agent has no stderr');
  await new Promise<void>(resolve => {
    createInterface({ input: stderr }).on('line', line => {
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
