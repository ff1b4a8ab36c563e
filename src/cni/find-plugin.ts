import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '#base';
import { requirePluginType } from './names.ts';
import { resolveBelow } from './resolve-below.ts';

/**
 * The path of the program for a plugin type: the first regular file of that name, in the order of the directories;
 * undefined when there is none.
 * @param root where a process's root is to be that looks there; the path found is that process's own
 * @throws CniError CNI_INVALID_CONFIG when `type` is not a plain file name
 */
export async function findPlugin(type: string, binDirs: readonly string[], root?: string): Promise<string | undefined> {
  requirePluginType(type, 'Plugin lookup');
  for (const dir of binDirs) {
    const path = join(dir, type);
    if (await isFile(root === undefined ? path : await resolveBelow(root, path))) return path;
  }
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(error))) return false;
    throw error;
  }
}
