/** A whole two-node cluster in one process tree, to try Underlane and to test it. */
export { type ExecOptions, execInPod } from './outer/exec-in-pod.ts';
export { formatSandboxes } from './outer/format-sandboxes.ts';
export { listSandboxes, type SandboxRecord } from './outer/state-dir.ts';
export { runSandbox } from './outer/supervisor.ts';
export { isSandboxProcess, runSandboxProcess } from './processes.ts';
export type { SandboxOptions } from './sandbox-options.ts';
