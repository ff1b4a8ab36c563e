/** What daemons answer about themselves: `/livez`, `/healthz`, `/readyz` and `/metrics`. */

export { Counter, Gauge, Registry } from 'prom-client';
export type { Checks } from './checks.ts';
export { createChecks } from './checks.ts';
export { HealthError } from './errors.ts';
export type { Health } from './serve-health.ts';
export { serveHealth } from './serve-health.ts';
