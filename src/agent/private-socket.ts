import { mkdirSync, rmSync } from 'node:fs';
import { createConnection, type Server } from 'node:net';
import { dirname } from 'node:path';
import { codeOf, messageOf } from '#base';
import { AgentError } from './errors.ts';

/**
 * Makes the folder of a unix socket (0700) and removes the socket that a former process has left there.
 * @throws AgentError SOCKET_IN_USE when somebody answers there
 */
export async function clearSocket(path: string): Promise<void> {
  makePrivateDir(dirname(path), `socket "${path}"`);
  if (await isAnswered(path)) {
    throw new AgentError('SOCKET_IN_USE', `Cannot listen on "${path}": another agent answers there`);
  }
  rmSync(path, { force: true });
}

/** @param what for the error: whose directory it is @throws AgentError DIRECTORY */
export function makePrivateDir(path: string, what: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AgentError('DIRECTORY', `Cannot make the directory of ${what}: ${messageOf(error)}`, { cause: error });
  }
}

/** What keeps from listening, with the address: not every message of the kernel names it. */
export function cannotListen(address: string, error: unknown): AgentError {
  return new AgentError('CANNOT_LISTEN', `Cannot listen on "${address}": ${messageOf(error)}`, { cause: error });
}

/** Listens under umask 0177, so that the socket is open to nobody else, not even for a moment. @throws AgentError CANNOT_LISTEN */
export async function listenPrivately(server: Pick<Server, 'once' | 'off' | 'listen'>, path: string): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    const refuse = (error: Error): void => reject(cannotListen(path, error));
    server.once('error', refuse);
    server.once('listening', () => {
      server.off('error', refuse);
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
