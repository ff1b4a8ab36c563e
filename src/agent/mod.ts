/** The node's daemon: serves CNI requests, keeps claims, answers health checks. */
export type { AgentOptions } from './options.ts';
export { runAgent, startAgent } from './run-agent.ts';
