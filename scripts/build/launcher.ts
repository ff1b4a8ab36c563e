import { constants, copyFile, link, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIND_HERE } from './find-here.ts';

// UV_THREADPOOL_SIZE: kernel deletes wait on pool threads, and of libuv's four a few would hold up every file access.
// MALLOC_TRIM_THRESHOLD_, at the C library's own default: set, it stops the library from raising it, and freed memory goes back.
// --max-semi-space-size, in MB: an agent has little that is young, and the engine's own limit lets it hold 100 MB of garbage.
const LAUNCHER = `${FIND_HERE}export UV_THREADPOOL_SIZE="\${UV_THREADPOOL_SIZE:-16}"
export MALLOC_TRIM_THRESHOLD_="\${MALLOC_TRIM_THRESHOLD_:-131072}"
exec "$here/node" --max-semi-space-size=4 "$here/../lib/main.mjs" "$@"
`;

/** Writes `underlane` and the Node that runs it. */
export async function writeLauncher(binDir: string): Promise<void> {
  await linkOrCopy(process.execPath, join(binDir, 'node'));
  await writeFile(join(binDir, 'underlane'), LAUNCHER, { mode: 0o755 });
}

/** One file under two names costs no disk and no time; across file systems it takes a copy. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch {
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  }
}
