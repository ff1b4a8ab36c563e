/** The node's daemon: serves CNI requests, keeps claims, answers health checks. */
export type { DaemonConfig } from './daemon-config.ts';
export { loadDaemonConfig } from './load-daemon-config.ts';
export type { AgentOptions } from './options.ts';
export { runAgent } from './run-agent.ts';
export { startAgent } from './start-agent.ts';
