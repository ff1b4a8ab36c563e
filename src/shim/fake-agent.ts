import { createServer, type Server, type Socket } from 'node:net';
import { createRequestDecoder } from '#wire';

/** For tests of the shim: a server on a unix socket that keeps every request's bytes and answers as it is told. */
export interface FakeAgent extends AsyncDisposable {
  /** Bytes of each complete request, in order of arrival. */
  readonly requests: readonly Buffer[];
  /** Connections so far. */
  readonly connections: number;
}

/** Listens on `path`; `answer` is called once a connection's request is complete. */
export async function startFakeAgent(path: string, answer: (connection: Socket) => void): Promise<FakeAgent> {
  const requests: Buffer[] = [];
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer(connection => {
    connections++;
    open.add(connection);
    const chunks: Buffer[] = [];
    const decoder = createRequestDecoder();
    connection.on('error', () => {});
    connection.on('close', () => open.delete(connection));
    connection.on('data', chunk => {
      chunks.push(chunk);
      if (decoder.push(chunk) === undefined) return;
      requests.push(Buffer.concat(chunks));
      answer(connection);
    });
  });
  await listen(server, path);
  return {
    requests,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const connection of open) connection.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** Resolves once the server listens. */
export function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}

/** Sends bytes one by one, each in a write of its own. */
export async function sendSlowly(connection: Socket, bytes: Uint8Array): Promise<void> {
  connection.setNoDelay(true);
  for (const byte of bytes) {
    await new Promise<void>(resolve => connection.write(Uint8Array.of(byte), () => resolve()));
  }
}
