import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ensureCached } from './cache.ts';
import { downloadPackages } from './download.ts';
import { unpackPackages } from './unpack.ts';

/** A program out of a Debian package that is unpacked into the cache and never installed: the machine keeps what it has. */
export interface DebianProgram {
  readonly suite: string;
  readonly package: string;
  /** Below the package's root. */
  readonly path: string;
}

/** These need no other package than the C library, so that they run on releases other than their own. */
export const ETCD: DebianProgram = { suite: 'bookworm', package: 'etcd-server', path: 'usr/bin/etcd' };
export const OLD_KUBECTL: DebianProgram = { suite: 'bookworm', package: 'kubernetes-client', path: 'usr/bin/kubectl' };
/** The reference CNI plugins; the others lie beside this one. */
export const REFERENCE_PLUGINS: DebianProgram = {
  suite: 'bookworm',
  package: 'containernetworking-plugins',
  path: 'usr/lib/cni/macvlan',
};

/** Where the program is, if it was fetched before. */
export function findDebianProgram(program: DebianProgram): string | undefined {
  const path = join(folderOf(program), program.path);
  return existsSync(path) ? path : undefined;
}

/** The program, downloaded only the first time. @throws an Error saying why this machine cannot get it */
export async function ensureDebianProgram(
  program: DebianProgram,
  onDownload: (mirror: string) => void,
): Promise<string> {
  const { suite, package: name } = program;
  await ensureCached(cacheFolder('debian'), `${suite}-${name}`, async folder => {
    const root = join(folder, 'root');
    const request = { suite, packages: [name], withDependencies: false, folder };
    await unpackPackages(await downloadPackages(request, onDownload), root);
    return root;
  });
  return join(folderOf(program), program.path);
}

function folderOf(program: DebianProgram): string {
  return join(cacheFolder('debian'), `${program.suite}-${program.package}`);
}
