import { runChild } from './run-child.ts';

// /run is fresh, so that `ip netns` and pinned namespaces never meet the machine's own.
const SET_UP = 'mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set lo up && exec "$@"';

/** What to put before a command so that it runs as root of namespaces that the kernel takes down with it, even after `kill -9`. */
export function namespaceWrapper(): readonly string[] {
  const user = process.getuid?.() === 0 ? [] : ['-Ur'];
  return ['unshare', ...user, '-n', '-m', '-p', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', SET_UP, 'sh'];
}

/** @returns why this machine makes no such namespaces, undefined when it does */
export async function whyNoNamespaces(): Promise<string | undefined> {
  const { problem, output } = await runChild({ command: ['env', ...namespaceWrapper(), 'true'], timeoutMs: 10_000 });
  return problem === undefined ? undefined : `cannot make namespaces (${output.trim() || problem})`;
}
