import { readFileSync, statSync } from 'node:fs';

/**
 * Reads a file that somebody else has written: neither a device or pipe, which may never end, nor one of any size.
 * @param limit in bytes
 * @throws TypeError, RangeError saying what is wrong with it; what the file system says
 */
export function readPlainFileSync(path: string, limit: number): string {
  const stat = statSync(path);
  if (!stat.isFile()) throw new TypeError('it is no plain file');
  if (stat.size > limit) throw new RangeError(`it has ${stat.size} bytes, expected at most ${limit}`);
  return readFileSync(path, 'utf8');
}
