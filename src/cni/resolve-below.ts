import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '#base';

/** As many as the kernel follows. */
const MOST_LINKS = 40;

/**
 * The path, as seen from outside, of what a path means to a process whose root is `root`: symbolic links, absolute ones too, lead
 * to places below the root and never out of it. What does not exist stays as it is named.
 * @throws the error of reading a link; RangeError for links that go round in circles
 */
export async function resolveBelow(root: string, path: string): Promise<string> {
  const waiting = partsOf(path);
  let at: string[] = [];
  let links = 0;
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (part === '..') {
      at.pop();
      continue;
    }
    const target = await linkTarget(join(root, ...at, part));
    if (target === undefined) {
      at.push(part);
      continue;
    }
    links++;
    if (links > MOST_LINKS) throw new RangeError(`"${path}" leads through more than ${MOST_LINKS} symbolic links`);
    if (target.startsWith('/')) at = [];
    waiting.unshift(...partsOf(target));
  }
  return join(root, ...at);
}

function partsOf(path: string): string[] {
  return path.split('/').filter(part => part !== '' && part !== '.');
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    // No link, or nothing at all: whoever opens it sees which.
    if (['EINVAL', 'ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(error))) return undefined;
    throw error;
  }
}
