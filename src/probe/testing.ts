/** What the kernel tests of this room share: two machines on one cable. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { findLink, openRouteSocket } from '#netlink';
import { createNamespace, deleteNamespace, type NetNamespace } from '#netns';

export interface Machine {
  readonly name: string;
  readonly path: string;
  readonly ns: NetNamespace;
  ip(command: string): string;
  /** Index and MAC of one of its links. */
  link(name: string): { readonly ifindex: number; readonly mac: string };
}

/** Machines `here` with link `a0` and `there` with link `b0`, both up, without any address but link-local ones. */
export async function withCable(use: (here: Machine, there: Machine) => Promise<void>): Promise<void> {
  using stack = new DisposableStack();
  const here = openMachine(stack, 'here');
  const there = openMachine(stack, 'there');
  here.ip(`link add a0 type veth peer name b0 netns ${there.name}`);
  here.ip('link set a0 up');
  there.ip('link set b0 up');
  await use(here, there);
}

function openMachine(stack: DisposableStack, role: string): Machine {
  const name = `probe-${role}-${process.pid}`;
  const path = `/run/netns/${name}`;
  const ns = createNamespace(path);
  stack.defer(() => deleteNamespace(path));
  stack.use(ns);
  return {
    name,
    path,
    ns,
    ip: command => execFileSync('ip', ['-n', name, ...command.split(' ')], { encoding: 'utf8' }),
    link(dev) {
      using socket = openRouteSocket(ns);
      const found = findLink(socket, dev);
      if (found?.mac === undefined) throw new Error(`no link "${dev}" in ${name}`);
      return { ifindex: found.ifindex, mac: found.mac };
    },
  };
}

/** What `tcpdump` says of a machine's link, line by line. It is stopped when that is disposed of. */
export interface Capture extends AsyncDisposable {
  /** Resolves when so many lines match. */
  seen(pattern: RegExp, times: number): Promise<readonly string[]>;
  lines(): readonly string[];
}

export async function capture(machine: Pick<Machine, 'name'>, dev: string, filter: string): Promise<Capture> {
  const args = ['netns', 'exec', machine.name, 'tcpdump', '-i', dev, '-n', '-e', '-t', '-l', '--immediate-mode'];
  const child: ChildProcess = spawn('ip', [...args, ...filter.split(' ')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const news = new EventTarget();
  child.stdout?.setEncoding('utf8').on('data', (data: string) => {
    text += data;
    news.dispatchEvent(new Event('line'));
  });
  const lines = (): readonly string[] => text.split('\n').slice(0, -1);
  // Its greeting: from then on it hears.
  if (child.stderr !== null) await once(child.stderr, 'data');
  return {
    lines,
    async seen(pattern, times) {
      for (;;) {
        const found = lines().filter(line => pattern.test(line));
        if (found.length >= times) return found;
        await once(news, 'line', { signal: AbortSignal.timeout(20_000) });
      }
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
