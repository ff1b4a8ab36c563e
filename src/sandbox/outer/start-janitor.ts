import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

// First comes the number of the process to outlive, then, when whoever wrote it has ended, the end of the input. The kernel tells only
// parents that a process has ended: hence the look at its state, which is Z when nobody has collected it.
const SCRIPT = `
while read -r number; do pid=$number; done
while [ -n "$pid" ] && read -r _ _ state _ <"/proc/$pid/stat" && [ "$state" != Z ]; do sleep 0.1; done
exec rm -rf -- "$0"`;

/** Removes a folder once this process has ended. */
export interface Janitor {
  /** Has it wait for this process too. */
  outlive(pid: number): void;
}

/**
 * Starts a shell that removes the folder when this process has ended, however it ended: what SIGKILL leaves no time to do. In a
 * session of its own, so that no Ctrl-C reaches it.
 */
export function startJanitor(dir: string): Janitor {
  const shell = spawn('sh', ['-c', SCRIPT, dir], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // Without it the folder stays until the next start, no reason to end this one.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  (shell.stdin as Socket).unref(); // a pipe to a child is a Socket
  return { outlive: pid => void shell.stdin.write(`${pid}\n`) };
}
