import { constants, copyFile, link, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

// UV_THREADPOOL_SIZE: kernel deletes wait on pool threads, and of libuv's four a few would hold up every file access.
// Only what any /bin/sh has by itself, since the environment may be empty. `readlink` runs only for a symbolic link.
const LAUNCHER = `#!/bin/sh
self=$0
if [ -h "$self" ]; then self=$(readlink -f -- "$self") || exit 127; fi
case $self in
*/*) here=\${self%/*} ;;
*) here=. ;;
esac
export UV_THREADPOOL_SIZE="\${UV_THREADPOOL_SIZE:-16}"
exec "$here/node" "$here/../lib/main.mjs" "$@"
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
