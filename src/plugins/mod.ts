/** Interface plugins: configurations read, and wiring planned from facts. Pure. */
export type { ConfigErrorCode, PlanErrorCode } from './errors.ts';
export { ConfigError, PlanError } from './errors.ts';
export { plannedMac } from './planned-mac.ts';
export type { AttachmentSpec, IpamResult, Plan, PlanInput, Plugin } from './plugin.ts';
export { findPlugin, plugins } from './registry.ts';
