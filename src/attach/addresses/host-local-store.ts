import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { codeOf } from '#base';

/** Where the reference plugin host-local keeps its addresses, unless told otherwise. */
export const HOST_LOCAL_DIR = '/var/lib/cni/networks';

/** Addresses of a network that the reference plugin holds for somebody: a file each, named after its address. */
export function foreignAddresses(dir: string, network: string): ReadonlySet<string> {
  return new Set(filesOf(join(dir, network)).filter(name => isIP(name) !== 0));
}

/** Gives back what the reference plugin holds for one interface of a container. @returns the addresses */
export function freeForeignAddresses(
  dir: string,
  network: string,
  holder: { readonly containerId: string; readonly ifname: string },
): readonly string[] {
  const folder = join(dir, network);
  return filesOf(folder).filter(name => {
    if (isIP(name) === 0) return false;
    const path = join(folder, name);
    const [containerId, ifname] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
    // Old releases wrote no interface.
    if (containerId !== holder.containerId || (ifname ?? holder.ifname) !== holder.ifname) return false;
    rmSync(path, { force: true });
    return true;
  });
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return [];
    throw error;
  }
}
