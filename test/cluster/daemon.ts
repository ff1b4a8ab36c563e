import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** A program that runs beside the tests. */
export interface Daemon {
  /** Resolves once `isReady` says yes. @throws an Error with the end of the program's log when it ends or takes too long */
  untilReady(isReady: () => Promise<boolean>, timeoutMs: number): Promise<void>;
  /** Ends the program at once. An API server that is asked politely waits a minute for its watches. */
  kill(): Promise<void>;
}

/** Starts a program whose output goes to `log`. The kernel kills it with us, however we end. */
export function startDaemon(name: string, command: readonly string[], log: string): Daemon {
  const file = openSync(log, 'w');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', file, file] });
  closeSync(file);
  let failure: string | undefined;
  child.on('error', error => {
    failure = error.message;
  });
  return {
    async untilReady(isReady, timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      while (!(await isReady())) {
        const problem =
          failure ?? endOf(child) ?? (Date.now() > deadline ? `not ready after ${timeoutMs} ms` : undefined);
        if (problem !== undefined) throw new Error(`${name}: ${problem}\n${tailOf(log)}`);
        // Nothing tells when a foreign server starts to listen.
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
    async kill() {
      if (child.pid === undefined || endOf(child) !== undefined) return;
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Ports of the loopback address that nobody listens on. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return Promise.all(
    servers.map(async server => {
      const address = server.address();
      server.close();
      await once(server, 'close');
      if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
      return address.port;
    }),
  );
}

function endOf({ exitCode, signalCode }: ChildProcess): string | undefined {
  if (signalCode !== null) return `killed by ${signalCode}`;
  return exitCode === null ? undefined : `ended with exit code ${exitCode}`;
}

function tailOf(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-30).join('\n');
}
