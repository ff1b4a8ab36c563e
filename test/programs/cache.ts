import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Where a test ring keeps what it downloaded or unpacked between runs. */
export function cacheFolder(name: string): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? '';
  return cache === '' ? resolve('.cache', name) : join(resolve(cache), `underlane-${name}`);
}

/**
 * A folder of a cache that `make` fills the first time. It appears whole or not at all, whoever is killed meanwhile, and several
 * processes may ask at once.
 * @param make gets an empty folder to work in and answers which folder below it to keep
 */
export async function ensureCached(
  cache: string,
  name: string,
  make: (work: string) => Promise<string>,
): Promise<string> {
  await removeRemains(cache);
  const kept = join(cache, name);
  if (existsSync(kept)) return kept;
  const work = join(cache, `new-${process.pid}-${name}`);
  try {
    await mkdir(work, { recursive: true });
    // Another process may have been quicker.
    await rename(await make(work), kept).catch(error => {
      if (!existsSync(kept)) throw error;
    });
    return kept;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What killed runs left: folders with the process that made them in their name. */
async function removeRemains(cache: string): Promise<void> {
  const names = existsSync(cache) ? await readdir(cache) : [];
  const owners = names.map(name => ({ name, pid: /^(?:new|run)-(\d+)/.exec(name)?.[1] }));
  const remains = owners.filter(({ pid }) => pid !== undefined && !existsSync(`/proc/${pid}`));
  for (const { name } of remains) await rm(join(cache, name), { recursive: true, force: true });
}
