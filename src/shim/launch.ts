import { writeFileSync } from 'node:fs';
import { codeOf, messageOf, systemClock } from '#base';
import { CniError, formatError, NEWEST_VERSION } from '#cni';
import { becomeProgramSync, chrootSync } from '#sys';

/** The first argument that makes a launcher of the shim. */
export const EXEC = '--exec';

/** How often a program that is still being written is tried again, and how long after. */
const BUSY_RETRIES = 25;
const BUSY_PAUSE_MS = 200;

/**
 * Becomes a third-party plugin, as launch() of shim/shim.c does: outside of the agent's cgroups and in the node's root. Prints
 * what stands in the way.
 * @param args root, any number of cgroup.procs files, `--`, and the program; without it only tells whether it could
 * @returns the exit code, if this process is still itself
 */
export async function launch(args: readonly string[]): Promise<number> {
  const end = args.indexOf('--');
  const [root = '', ...cgroups] = end < 0 ? args : args.slice(0, end);
  const program = end < 0 ? undefined : args[end + 1];
  try {
    const refusals = cgroups.flatMap(enterCgroup);
    if (program === undefined && refusals[0] !== undefined) throw refusals[0];
    attempt(`Cannot enter the node's root "${root}"`, () => chrootSync(root));
    if (program !== undefined) await become(program);
    return 0;
  } catch (error) {
    process.stdout.write(formatError(error, NEWEST_VERSION));
    return 1;
  }
}

/** A cgroup that cannot be entered holds no plugin up. */
function enterCgroup(file: string): readonly unknown[] {
  try {
    // Without creating it: a file of that name where no cgroup is would say that all is well.
    attempt(`Cannot enter the cgroup of "${file}"`, () => writeFileSync(file, '0', { flag: 'r+' }));
    return [];
  } catch (error) {
    return [error];
  }
}

async function become(program: string): Promise<never> {
  for (let retry = 0; ; retry++) {
    try {
      return becomeProgramSync(program);
    } catch (error) {
      if (codeOf(error) !== 'ETXTBSY' || retry === BUSY_RETRIES) throw failure(`Cannot run "${program}"`, error);
    }
    await systemClock.sleep(BUSY_PAUSE_MS);
  }
}

function attempt(what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw failure(what, error);
  }
}

function failure(what: string, cause: unknown): CniError {
  return new CniError('CNI_IO_FAILURE', `${what}: ${messageOf(cause)}`, { cause });
}
