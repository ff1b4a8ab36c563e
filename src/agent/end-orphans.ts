import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type Clock, codeOf, type Log } from '#base';

/**
 * Kills the third-party plugins that a former agent was running when it was killed itself, and waits until they are gone:
 * what is to be undone must stand still. To be called while no other agent can have the socket.
 *
 * Known by their environment (that socket, and a call of ours), in this process's own pid and mount namespaces.
 */
export async function endOrphans(socket: string, clock: Clock, log: Log): Promise<void> {
  for (const startedAt = clock.now(); ; ) {
    const orphans = findOrphans(socket);
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

function findOrphans(socket: string): readonly number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(pid => isOurs(pid, socket))
    .map(Number);
}

function isOurs(pid: string, socket: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return (
      environment.includes(`UNDERLANE_SOCKET=${socket}`) &&
      environment.some(entry => entry.startsWith('UNDERLANE_CALL=')) &&
      ['pid', 'mnt'].every(ns => readlinkSync(`/proc/${pid}/ns/${ns}`) === readlinkSync(`/proc/self/ns/${ns}`))
    );
  } catch (error) {
    // It has ended meanwhile, or belongs to somebody whose plugins we cannot have started.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(codeOf(error))) return false;
    throw error;
  }
}

function kill(pid: number, log: Log): void {
  log.warn({ pid }, 'Ending a plugin of a former agent');
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
