import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runChild } from '../../scripts/test/run-child.ts';
import { downloadPackages } from './download.ts';
import { findMirrors } from './mirrors.ts';

// kmod loads the kernel's modules: not every machine has one.
const PACKAGES = ['user-mode-linux', 'kmod'];

// To be raised whenever the folder is made in another way.
const LAYOUT = 1;

/** Where the second kernel is kept between runs. */
export function labCache(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? '';
  return cache === '' ? resolve('.cache/lab') : join(resolve(cache), 'underlane-lab');
}

/**
 * A folder to chroot into that holds user-mode Linux, its modules and the libraries of its own release; downloaded only the
 * first time. Several processes may ask at once.
 * @throws an Error saying why this machine cannot get it; nothing is left behind then
 */
export async function ensureKernelRoot(onDownload: (mirror: string) => void): Promise<string> {
  const cache = labCache();
  await removeRemains(cache);
  const root = join(cache, `kernel-${LAYOUT}`);
  if (existsSync(root)) return root;
  const work = join(cache, `new-${process.pid}`);
  try {
    await mkdir(work, { recursive: true });
    const packages = await downloadAnywhere(work, onDownload);
    await unpack(packages, join(work, 'root'));
    // Whole or not at all; another process may have been quicker.
    await rename(join(work, 'root'), root).catch(error => {
      if (!existsSync(root)) throw error;
    });
    return root;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function downloadAnywhere(work: string, onDownload: (mirror: string) => void): Promise<readonly string[]> {
  const refusals: string[] = [];
  for (const mirror of await findMirrors()) {
    onDownload(mirror);
    try {
      return await downloadPackages(mirror, PACKAGES, join(work, `apt-${refusals.length}`));
    } catch (error) {
      refusals.push(`${mirror}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `cannot download ${PACKAGES.join(', ')} (${refusals.join('; ') || "apt's sources name no Debian archive"})`,
  );
}

async function unpack(packages: readonly string[], root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const file of packages) {
    const { problem, output } = await runChild({ command: ['dpkg-deb', '-x', file, root], timeoutMs: 60_000 });
    if (problem !== undefined) throw new Error(`cannot unpack ${file} (${output.trim() || problem})`);
  }
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) await symlink(`usr/${name}`, join(root, name));
  await symlink('uml/modules', join(root, 'usr/lib/modules'));
  for (const name of ['host', 'dev', 'proc', 'tmp']) await mkdir(join(root, name));
}

/** What killed runs left: folders with the process that made them in their name. */
async function removeRemains(cache: string): Promise<void> {
  const names = existsSync(cache) ? await readdir(cache) : [];
  const owners = names.map(name => ({ name, pid: /^(?:new|run)-(\d+)/.exec(name)?.[1] }));
  const remains = owners.filter(({ pid }) => pid !== undefined && !existsSync(`/proc/${pid}`));
  for (const { name } of remains) await rm(join(cache, name), { recursive: true, force: true });
}
