/** What the kernel tests of this room share: two machines on one cable. */
import { execFileSync } from 'node:child_process';
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
