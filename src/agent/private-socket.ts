import { mkdirSync, rmSync } from 'node:fs';
import { createConnection, type Server } from 'node:net';
import { dirname } from 'node:path';
import { codeOf } from '#base';
import { AgentError } from './errors.ts';

/**
 * Makes the folder of a unix socket (0700) and removes the socket that a former process has left there.
 * @throws AgentError SOCKET_IN_USE when somebody answers there
 */
export async function clearSocket(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (await isAnswered(path)) {
    throw new AgentError('SOCKET_IN_USE', `Cannot listen on "${path}": another agent answers there`);
  }
  rmSync(path, { force: true });
}

/** Listens under umask 0177, so that the socket is open to nobody else, not even for a moment. */
export async function listenPrivately(server: Pick<Server, 'once' | 'off' | 'listen'>, path: string): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
  });
  // Bound before listen() returns, so nothing else of the process runs under this umask.
  const former = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(former);
  }
  await listening;
}

/** Whether somebody accepts connections there. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createConnection(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', error => {
      if (['ENOENT', 'ECONNREFUSED'].includes(codeOf(error))) resolve(false);
      else reject(error);
    });
  });
}
