/** What daemons answer about themselves: `/healthz` and `/metrics`. */

export { Counter, Gauge, Registry } from 'prom-client';
export { HealthError } from './errors.ts';
export type { Health } from './serve-health.ts';
export { serveHealth } from './serve-health.ts';
