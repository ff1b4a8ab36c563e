import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dial, parseDialTarget } from './dial.ts';

export interface ResponderOptions {
  /** What `/hostname` answers. */
  readonly hostname: string;
  readonly ports: readonly number[];
  /** Unix socket that answers the same requests from outside the network namespace. */
  readonly controlSocket?: string;
}

export interface Responder {
  /** Stops listening. */
  close(): void;
}

/**
 * The only program that the sandbox's containers run: a small HTTP server that tells who answered and who asked, and that
 * makes requests of its own on demand.
 *
 *   /healthz            200
 *   /hostname           the pod's name
 *   /clientip           the client's address as seen here
 *   /dial?host=&port=&path=[&timeoutMs=]   makes that request from here and tells the outcome as JSON
 *
 * Resolves when everything listens.
 */
export async function startResponder(options: ResponderOptions): Promise<Responder> {
  const handler = (request: IncomingMessage, response: ServerResponse): void => void answer(options, request, response);
  const servers = await Promise.all([
    // Without a host: every address of both families, or of IPv4 where the kernel has no IPv6.
    ...options.ports.map(port => listen(createServer(handler), { port })),
    ...(options.controlSocket === undefined ? [] : [listen(createServer(handler), { path: options.controlSocket })]),
  ]);
  return {
    close() {
      for (const server of servers) server.close();
    },
  };
}

function listen(server: Server, at: { port: number } | { path: string }): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => resolve(server));
  });
}

async function answer(options: ResponderOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://responder');
  // One request a connection: a kept-alive one would hide that a route or a translation has gone.
  response.setHeader('connection', 'close');
  switch (url.pathname) {
    case '/':
    case '/hostname':
      return end(response, 200, options.hostname);
    case '/healthz':
      return end(response, 200, 'ok');
    case '/clientip':
      return end(response, 200, request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '');
    case '/dial': {
      const target = parseDialTarget(url.searchParams);
      if (typeof target === 'string') return end(response, 400, target);
      return end(response, 200, JSON.stringify(await dial(target)));
    }
    default:
      return end(response, 404, `Cannot find "${url.pathname}": expected /healthz, /hostname, /clientip or /dial`);
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.end(`${text}\n`);
}
