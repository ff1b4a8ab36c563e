import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, ensureCached } from '../programs/cache.ts';
import { downloadPackages } from '../programs/download.ts';
import { unpackPackages } from '../programs/unpack.ts';

// kmod loads the kernel's modules: not every machine has one.
const PACKAGES = ['user-mode-linux', 'kmod'];

// To be raised whenever the folder is made in another way.
const LAYOUT = 1;

/** Where the second kernel is kept between runs. */
export function labCache(): string {
  return cacheFolder('lab');
}

/**
 * A folder to chroot into that holds user-mode Linux, its modules and the libraries of its own release; downloaded only the
 * first time. Several processes may ask at once.
 * @throws an Error saying why this machine cannot get it; nothing is left behind then
 */
export function ensureKernelRoot(onDownload: (mirror: string) => void): Promise<string> {
  return ensureCached(labCache(), `kernel-${LAYOUT}`, async folder => {
    const request = { suite: 'sid', packages: PACKAGES, withDependencies: true, folder };
    const root = join(folder, 'root');
    await unpackPackages(await downloadPackages(request, onDownload), root);
    for (const name of ['bin', 'lib', 'lib64', 'sbin']) await symlink(`usr/${name}`, join(root, name));
    await symlink('uml/modules', join(root, 'usr/lib/modules'));
    for (const name of ['host', 'dev', 'proc', 'tmp']) await mkdir(join(root, name));
    return root;
  });
}
