import { execFileSync } from 'node:child_process';
import { ensureDebianProgram, findDebianProgram, OLD_KUBECTL } from '../programs/debian-program.ts';

/** A kubectl of this machine. */
export interface Kubectl {
  readonly path: string;
  /** `1.20`, `1.32` */
  readonly version: string;
}

/** Gets Debian 12's kubectl, the oldest that has to work, into the cache; says so when it cannot. */
export async function ensureOldKubectl(say: (line: string) => void): Promise<void> {
  try {
    await ensureDebianProgram(OLD_KUBECTL, mirror => say(`downloading Debian 12's kubectl from ${mirror} ...`));
  } catch (error) {
    say(`Debian 12's kubectl is not tried: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The kubectls to try: the one on PATH and Debian 12's, undefined where the machine has none. */
export function findKubectls(): { readonly onPath: Kubectl | undefined; readonly debian12: Kubectl | undefined } {
  return { onPath: describe('kubectl'), debian12: describe(findDebianProgram(OLD_KUBECTL)) };
}

function describe(path: string | undefined): Kubectl | undefined {
  if (path === undefined) return undefined;
  try {
    const answer = execFileSync(path, ['version', '--client', '-o', 'json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const version = /"gitVersion": "v(\d+\.\d+)/.exec(answer)?.[1];
    return version === undefined ? undefined : { path, version };
  } catch {
    // Whatever does not tell its version is no kubectl that could be tried.
    return undefined;
  }
}
