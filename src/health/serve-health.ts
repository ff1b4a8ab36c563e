import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { messageOf } from '#base';
import { HealthError } from './errors.ts';

/** `/healthz` (200 once ready, else 503) and `/metrics` in Prometheus' text format. */
export interface Health {
  readonly registry: Registry;
  setReady(isReady: boolean): void;
  close(): void;
}

/**
 * @param addresses unix paths and `HOST:PORT`s to listen on
 * @throws HealthError CANNOT_LISTEN
 */
export async function serveHealth(addresses: readonly string[]): Promise<Health> {
  let isReady = false;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'underlane_' });
  const servers: Server[] = [];
  for (const address of addresses) {
    const server = createServer((request, response) => {
      if (request.url === '/healthz') {
        response.writeHead(isReady ? 200 : 503, { 'content-type': 'text/plain' });
        response.end(isReady ? 'ok\n' : 'starting\n');
      } else if (request.url === '/metrics') {
        registry.metrics().then(
          text => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
          (error: unknown) => response.writeHead(500).end(String(error)),
        );
      } else {
        response.writeHead(404).end();
      }
    });
    await listen(server, address);
    servers.push(server);
  }
  return {
    registry,
    setReady(value) {
      isReady = value;
    },
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(cannotListen(address, error)));
    if (address.includes('/')) {
      rmSync(address, { force: true });
      server.listen(address, resolve);
    } else {
      const colon = address.lastIndexOf(':');
      const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
      server.listen(Number(address.slice(colon + 1)), host, resolve);
    }
  });
}

/** Not every message of the kernel names the address. */
function cannotListen(address: string, error: unknown): HealthError {
  return new HealthError('CANNOT_LISTEN', `Cannot listen on "${address}": ${messageOf(error)}`, { cause: error });
}
