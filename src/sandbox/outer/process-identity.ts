import { readFileSync } from 'node:fs';

/** A process, told apart from a later one with the same number by its start time (clock ticks since boot). */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
}

/** Undefined when there is no such process, or only its exit status waits to be collected. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may hold blanks; start time is field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  return startTicks === undefined || state === 'Z' ? undefined : { pid, startTicks };
}

/** Whether it is still that process. */
export function isAlive(process: ProcessIdentity): boolean {
  return identifyProcess(process.pid)?.startTicks === process.startTicks;
}
