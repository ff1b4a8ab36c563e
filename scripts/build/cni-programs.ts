/** dist/cni: one small program under the name of each plugin, since its name tells it which one it is. */
import { spawnSync } from 'node:child_process';
import { chmod, link, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIND_HERE } from './find-here.ts';

const CNI_NAMES = [
  'underlane',
  'multus',
  'multus-shim',
  'macvlan',
  'ipvlan',
  'vlan',
  'bridge',
  'ptp',
  'host-device',
  'sriov',
  'dummy',
  'veth',
  'loopback',
  'passthru',
  'host-local',
  'static',
  'whereabouts',
  'spiderpool',
] as const;

const NO_COMPILER = 3;

const TWIN = `${FIND_HERE}exec "$here/../bin/node" "$here/../lib/shim.mjs" "\${0##*/}" "$@"
`;

/** Builds the programs. @returns how: the C variant as its build script names it, or `js` without a compiler */
export async function buildCniPrograms(cniDir: string, warn: (text: string) => void): Promise<string> {
  const first = join(cniDir, CNI_NAMES[0]);
  const variant = compileShim(first);
  if (variant === undefined) {
    warn('No C compiler: dist/cni is built in JavaScript, which costs 40 ms a call instead of 1 ms');
    await writeFile(first, TWIN);
  }
  await chmod(first, 0o755);
  for (const name of CNI_NAMES.slice(1)) await link(first, join(cniDir, name));
  return variant ?? 'js';
}

/** @returns what the build script says it made, undefined where there is no compiler */
function compileShim(target: string): string | undefined {
  const { status, stdout, stderr, error } = spawnSync('sh', ['shim/build.sh', target], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  if (status === NO_COMPILER) return undefined;
  throw new Error(`Cannot build the CNI program: ${error?.message ?? stderr.trim()}`);
}
