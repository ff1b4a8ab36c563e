/** The loops of the cluster: pre-allocation, garbage collection, views, webhooks. Any number of replicas, one of which leads. */
export type { ControllerDeps } from './deps.ts';
export type { Loop } from './loop.ts';
export { formatMigration } from './migrate/format-migration.ts';
export type { MigrationReport } from './migrate/migration-report.ts';
export { isClean } from './migrate/migration-report.ts';
export type { PeerName } from './migrate/peer.ts';
export type { MigrationOptions } from './migrate/run-migration.ts';
export { runMigration } from './migrate/run-migration.ts';
export type { ControllerOptions } from './options.ts';
export { runController } from './run-controller.ts';
export { startController } from './start-controller.ts';
export type { WebhookOptions, WebhookPlace } from './webhooks/options.ts';
