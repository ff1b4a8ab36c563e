import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { type Clock, codeOf, type Log } from '#base';

/**
 * Kills the third-party plugins that a former agent was running when it was killed itself, and waits until they are gone:
 * what is to be undone must stand still. To be called while no other agent can have the socket.
 *
 * Known by their environment (that socket, and a call of ours), in this process's own pid and mount namespaces. Those that ran in
 * the node's root outlive the agent's container, and with that its mount namespace: they are known by that root.
 * @param hostRoot where plugins run, if not in the agent's own root
 */
export async function endOrphans(socket: string, hostRoot: string | undefined, clock: Clock, log: Log): Promise<void> {
  for (const startedAt = clock.now(); ; ) {
    const orphans = findOrphans(socket, hostRoot);
    if (orphans.length === 0) return;
    if (clock.now() - startedAt > PATIENCE_MS) {
      log.error({ pids: orphans }, 'Plugins of a former agent do not end');
      return;
    }
    for (const pid of orphans) kill(pid, log);
    // Nobody tells the end of a process that is not our child.
    await clock.sleep(10);
  }
}

/** A killed process is gone in milliseconds, unless it hangs in the kernel: then nobody can end it. */
const PATIENCE_MS = 2_000;

function findOrphans(socket: string, hostRoot: string | undefined): readonly number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(pid => isOurs(pid, socket, hostRoot))
    .map(Number);
}

function isOurs(pid: string, socket: string, hostRoot: string | undefined): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return (
      environment.includes(`UNDERLANE_SOCKET=${socket}`) &&
      environment.some(entry => entry.startsWith('UNDERLANE_CALL=')) &&
      sharesNamespace(pid, 'pid') &&
      (sharesNamespace(pid, 'mnt') || (hostRoot !== undefined && isSameFolder(`/proc/${pid}/root/`, hostRoot)))
    );
  } catch (error) {
    // It has ended meanwhile, or belongs to somebody whose plugins we cannot have started.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(codeOf(error))) return false;
    throw error;
  }
}

function sharesNamespace(pid: string, ns: 'pid' | 'mnt'): boolean {
  return readlinkSync(`/proc/${pid}/ns/${ns}`) === readlinkSync(`/proc/self/ns/${ns}`);
}

function isSameFolder(one: string, other: string): boolean {
  const [a, b] = [one, other].map(path => statSync(path));
  return a?.dev === b?.dev && a?.ino === b?.ino;
}

function kill(pid: number, log: Log): void {
  log.warn({ pid }, 'Ending a plugin of a former agent');
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
