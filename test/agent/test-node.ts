import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Pod } from '#api';
import { createNamespace, deleteNamespace } from '#netns';

/** A node: one agent process of the built program, and shims called as a runtime calls them. */
export interface TestNode extends AsyncDisposable {
  readonly dir: string;
  readonly socket: string;
  readonly agent: ChildProcess;
  /** Starts the agent (again) and waits for its `ready`. */
  start(): Promise<void>;
  /** Ends the agent and waits until it is gone. @returns milliseconds that took */
  kill(signal: NodeJS.Signals): Promise<number>;
  call(request: ShimCall): ShimProcess;
  /** Everything that the agent has said so far. */
  log(): string;
  /** A namespace for a container, removed at the end. */
  makeNetns(name: string): string;
}

export interface ShimCall {
  readonly command: 'ADD' | 'DEL' | 'CHECK' | 'STATUS' | 'VERSION';
  readonly containerId: string;
  readonly pod?: Pod;
  readonly netns?: string;
  readonly ifname?: string;
  /** Name of the shim. @default underlane */
  readonly plugin?: string;
  /** Where the shim is. @default dist/cni */
  readonly programs?: string;
  /** stdin. @default the node's own configuration, with the node's default network */
  readonly config?: unknown;
}

export interface ShimProcess {
  readonly child: ChildProcess;
  readonly done: Promise<ShimResult>;
}

export interface ShimResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a shim prints is looked at from every side by the tests
  readonly json: any;
}

export interface TestNodeOptions {
  readonly dir: string;
  readonly name?: string;
  readonly kubeconfig?: string;
  readonly defaultNetwork?: unknown;
  /** More of the agent's options. */
  readonly flags?: readonly string[];
}

const PLAIN_NETWORK = {
  cniVersion: '1.0.0',
  name: 'plain',
  plugins: [{ type: 'bridge', bridge: 'ultest0', ipam: { type: 'host-local', subnet: '10.244.1.0/24' } }],
};

export async function startTestNode(options: TestNodeOptions): Promise<TestNode> {
  const { dir, name = 'n1', kubeconfig, defaultNetwork = PLAIN_NETWORK, flags = [] } = options;
  const paths = {
    conf: join(dir, 'conf'),
    bin: join(dir, 'bin'),
    state: join(dir, 'state'),
    socket: join(dir, 'run', 'agent.sock'),
  };
  mkdirSync(paths.conf, { recursive: true });
  mkdirSync(paths.bin);
  writeFileSync(join(paths.conf, '10-plain.conflist'), JSON.stringify(defaultNetwork));
  const containers: string[] = [];
  let log = '';
  let agent: ChildProcess | undefined;

  async function start(): Promise<void> {
    const child = spawn(
      'dist/bin/underlane',
      [
        'agent',
        ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
        ...['--node-name', name, '--socket', paths.socket, '--state-dir', paths.state],
        ...['--cni-conf-dir', paths.conf, '--cni-bin-dir', paths.bin, '--log-level', 'debug', ...flags],
      ],
      { stdio: ['ignore', 'inherit', 'pipe'] },
    );
    agent = child;
    const lines = createInterface({ input: child.stderr });
    await new Promise<void>((resolve, reject) => {
      lines.on('line', line => {
        log += `${line}\n`;
        if (line === 'ready') resolve();
      });
      child.once('exit', code => reject(new Error(`The agent ended with ${code}:\n${log}`)));
    });
  }

  function agentNow(): ChildProcess {
    if (agent === undefined) throw new Error('The agent was never started');
    return agent;
  }

  async function kill(signal: NodeJS.Signals): Promise<number> {
    const child = agentNow();
    if (child.exitCode !== null || child.signalCode !== null) return 0;
    const started = performance.now();
    const gone = new Promise(resolve => child.once('exit', resolve));
    child.kill(signal);
    await gone;
    return performance.now() - started;
  }

  await start();
  return {
    dir,
    socket: paths.socket,
    get agent() {
      return agentNow();
    },
    start,
    kill,
    call: request => callShim(request, { socket: paths.socket, state: paths.state, bin: paths.bin }),
    log: () => log,
    makeNetns(container) {
      const path = `/run/netns/ul-test-${name}-${container}`;
      createNamespace(path);
      containers.push(path);
      return path;
    },
    async [Symbol.asyncDispose]() {
      await kill('SIGKILL');
      const left = new Set(readdirSync('/run/netns'));
      for (const path of containers) if (left.has(path.slice('/run/netns/'.length))) deleteNamespace(path);
    },
  };
}

function callShim(
  request: ShimCall,
  paths: { readonly socket: string; readonly state: string; readonly bin: string },
): ShimProcess {
  const { command, containerId, pod, netns, ifname = 'eth0', plugin = 'underlane', programs = 'dist/cni' } = request;
  const config = request.config ?? { cniVersion: '1.0.0', name: 'underlane', type: 'underlane' };
  const args =
    pod === undefined
      ? ''
      : `IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=${pod.metadata.name};K8S_POD_INFRA_CONTAINER_ID=${containerId};K8S_POD_UID=${pod.metadata.uid}`;
  const child = spawn(join(programs, plugin), [], {
    env: {
      CNI_COMMAND: command,
      CNI_CONTAINERID: containerId,
      CNI_IFNAME: ifname,
      CNI_PATH: paths.bin,
      CNI_ARGS: args,
      UNDERLANE_SOCKET: paths.socket,
      UNDERLANE_STATE_DIR: paths.state,
      ...(netns === undefined ? {} : { CNI_NETNS: netns }),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin?.on('error', () => {}); // a shim that is killed does not read on
  child.stdin?.end(typeof config === 'string' ? config : JSON.stringify(config));
  const done = new Promise<ShimResult>((resolve, reject) => {
    let stdout = '';
    child.stdout?.on('data', chunk => {
      stdout += String(chunk);
    });
    child.once('error', reject);
    child.once('close', exitCode =>
      resolve({ exitCode, stdout, json: stdout === '' ? undefined : JSON.parse(stdout) }),
    );
  });
  return { child, done };
}

/** Runs `ip`, the independent witness. */
export function ip(command: string): string {
  return execFileSync('ip', command.split(' '), { encoding: 'utf8' });
}

/** What attachments may leave behind on the node, as `ip` tells it. */
export function hostSnapshot(): unknown {
  const links = (JSON.parse(ip('-j link')) as { ifname: string }[]).map(({ ifname }) => ifname).sort();
  return {
    links,
    routes: ip('-4 route').split('\n').sort(),
    rules: ip('rule'),
    neighbours: ip('neigh show nud permanent'),
  };
}

/** Resolves once `look` gives something; fails loudly when it does not within 10 s. For what another process does on its own. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`Never happened: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
