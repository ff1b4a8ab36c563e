import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { messageOf } from '#base';
import { answerHealth } from './answer-health.ts';
import { type Checks, createChecks } from './checks.ts';
import { HealthError } from './errors.ts';

/**
 * `/livez` (200 as long as somebody is there), `/healthz` (200 once started, else 503), `/readyz` (200 when all checks pass as
 * well) and `/metrics` in Prometheus' text format.
 */
export interface Health {
  readonly registry: Registry;
  /** What has to be so for `/readyz`. */
  readonly checks: Checks;
  setStarted(isStarted: boolean): void;
  close(): void;
}

/**
 * @param addresses unix paths and `HOST:PORT`s to listen on
 * @throws HealthError CANNOT_LISTEN
 */
export async function serveHealth(addresses: readonly string[]): Promise<Health> {
  let isStarted = false;
  const registry = new Registry();
  const checks = createChecks();
  const source = { registry, checks, isStarted: () => isStarted };
  collectDefaultMetrics({ register: registry, prefix: 'underlane_' });
  const servers: Server[] = [];
  for (const address of addresses) {
    const server = createServer((request, response) => answerHealth(request, response, source));
    await listen(server, address);
    servers.push(server);
  }
  return {
    registry,
    checks,
    setStarted(value) {
      isStarted = value;
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
      const port = Number(address.slice(colon + 1));
      // Without a host Node takes those of IPv4 where the kernel has no IPv6.
      server.listen(host === '::' ? { port } : { port, host }, resolve);
    }
  });
}

/** Not every message of the kernel names the address. */
function cannotListen(address: string, error: unknown): HealthError {
  return new HealthError('CANNOT_LISTEN', `Cannot listen on "${address}": ${messageOf(error)}`, { cause: error });
}
