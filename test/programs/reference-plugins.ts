import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { ensureDebianProgram, findDebianProgram, REFERENCE_PLUGINS } from './debian-program.ts';

const INSTALLED_DIR = '/usr/lib/cni';

/** Where the reference plugins are: installed, else as the ring has downloaded them. */
export const REFERENCE_DIR = isInstalled()
  ? INSTALLED_DIR
  : dirname(findDebianProgram(REFERENCE_PLUGINS) ?? `${INSTALLED_DIR}/macvlan`);

/** Why there is nothing to compare with; false when there is. */
export const noReference = existsSync(`${REFERENCE_DIR}/macvlan`)
  ? false
  : `no reference plugins in ${REFERENCE_DIR} (Debian package containernetworking-plugins)`;

/** Downloads the reference plugins where they are not installed; says so where it cannot, and the tests that need them are skipped. */
export async function ensureReference(say: (line: string) => void): Promise<void> {
  if (isInstalled()) return;
  try {
    await ensureDebianProgram(REFERENCE_PLUGINS, mirror =>
      say(`downloading the reference CNI plugins from ${mirror} ...`),
    );
  } catch (error) {
    say(`the reference CNI plugins are not tried: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isInstalled(): boolean {
  return existsSync(`${INSTALLED_DIR}/macvlan`);
}
