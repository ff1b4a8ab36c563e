/** The kinds of processes that a sandbox is made of, by the hidden command that starts each. */
const PROCESSES: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  'sandbox-inner': async args => (await import('./inner/main.ts')).runInner(args),
  'sandbox-node': async args => (await import('./node/main.ts')).runNode(args),
  'sandbox-responder': async args => (await import('./pod/main.ts')).runResponder(args),
};

/** Whether `command` is one that only a sandbox starts. */
export function isSandboxProcess(command: string): boolean {
  return Object.hasOwn(PROCESSES, command);
}

/** Runs what a sandbox started this process for; each loads only what it needs. */
export function runSandboxProcess(command: string, args: readonly string[]): Promise<number> {
  const run = PROCESSES[command];
  if (run === undefined) throw new RangeError(`Cannot run "${command}": it is no process of the sandbox`);
  return run(args);
}
