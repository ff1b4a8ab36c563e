import { createServer, type Socket } from 'node:net';
import { type Log, messageOf } from '#base';
import { createRequestDecoder, encodeReply, type WireRequest } from '#wire';
import { AgentError } from './errors.ts';
import { clearSocket, listenPrivately } from './private-socket.ts';

export interface CniServer {
  /** Lets no new connection in. */
  stopAccepting(): void;
  /** Cuts off callers that have not asked yet; resolves when the others are answered and gone. */
  close(): Promise<void>;
}

export interface Answer {
  /** 0, or 1 with a CNI error on stdout. */
  readonly exitCode: number;
  readonly stdout: string;
}

export interface CniServerOptions {
  readonly socket: string;
  /** Must not reject. The signal is aborted when the caller hangs up. */
  readonly answer: (request: WireRequest, signal: AbortSignal) => Promise<Answer>;
  /** For frames that are none. */
  readonly refuse: (error: unknown) => Answer;
  readonly log: Log;
}

/** A shim writes its whole request at once; one that does not holds a connection for nothing. */
const REQUEST_LIMIT_MS = 10_000;

/**
 * Serves shims on a unix socket, one request a connection. The socket lies in a 0700 directory and is bound under umask
 * 0177, so that it is open to nobody else, not even for a moment.
 * @throws AgentError SOCKET_IN_USE when another agent answers there
 */
export async function serveCni(options: CniServerOptions): Promise<CniServer> {
  const { socket: path, log } = options;
  await clearSocket(path);
  const open = new Set<Promise<void>>();
  const closing = new AbortController();
  const server = createServer({ allowHalfOpen: true }, connection => {
    const served = serveOne(connection, options, closing.signal).catch((error: unknown) =>
      log.warn({ error: messageOf(error) }, 'A CNI connection failed'),
    );
    open.add(served);
    void served.finally(() => open.delete(served));
  });
  await listenPrivately(server, path);
  server.on('error', error => log.error({ error: messageOf(error) }, 'The CNI socket failed'));
  return {
    stopAccepting: () => void server.close(),
    close: async () => {
      if (server.listening) server.close();
      closing.abort(new AgentError('AGENT_STOPPING', 'The agent is stopping', { retriable: true }));
      await Promise.all(open);
    },
  };
}

async function serveOne(connection: Socket, options: CniServerOptions, closing: AbortSignal): Promise<void> {
  const hangUp = new AbortController();
  connection.once('close', () =>
    hangUp.abort(new AgentError('CALLER_GONE', 'The caller hung up before it was answered')),
  );
  // What a broken connection does to the request is said by 'close'.
  connection.on('error', error => options.log.debug({ error: messageOf(error) }, 'CNI connection broke'));
  let answer: Answer;
  try {
    answer = await options.answer(
      await readRequest(connection, AbortSignal.any([hangUp.signal, closing])),
      hangUp.signal,
    );
  } catch (error) {
    if (hangUp.signal.aborted) return;
    answer = options.refuse(error);
  }
  if (connection.destroyed) return;
  await new Promise<void>(resolve => {
    connection.once('close', () => resolve());
    connection.end(encodeReply(answer), () => connection.destroySoon());
  });
}

function readRequest(connection: Socket, signal: AbortSignal): Promise<WireRequest> {
  return new Promise((resolve, reject) => {
    const decoder = createRequestDecoder();
    let isDone = false;
    const timer = setTimeout(() => {
      reject(new AgentError('REQUEST_TIMEOUT', `No whole request within ${REQUEST_LIMIT_MS / 1000} s`));
    }, REQUEST_LIMIT_MS);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      isDone = true;
      act();
    };
    connection.on('data', chunk => {
      try {
        const request = decoder.push(chunk);
        if (request !== undefined) settle(() => resolve(request));
      } catch (error) {
        settle(() => reject(error));
      }
    });
    // The shim keeps its side open while it waits: an end before the request, or after it, is a hang-up.
    connection.once('end', () => {
      if (isDone) {
        connection.destroy();
        return;
      }
      try {
        decoder.end();
      } catch (error) {
        settle(() => reject(error));
      }
    });
    signal.addEventListener('abort', () => settle(() => reject(signal.reason)), { once: true });
  });
}
