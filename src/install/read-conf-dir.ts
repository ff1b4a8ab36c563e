import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf } from '#base';
import { callsPipeline, listConfFiles, readNetworkFile } from '#networks';
import type { SeenFile } from './choose-primary.ts';

/** Every configuration of a runtime's directory in its order; none while there is no directory. */
export function readConfDir(dir: string): readonly SeenFile[] {
  let files: readonly string[];
  try {
    files = listConfFiles(dir);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
  return files.map(file => {
    try {
      const network = readNetworkFile(join(dir, file));
      return { file, kind: callsPipeline(network.raw) ? 'pipeline' : 'network', network };
    } catch (error) {
      return { file, kind: 'broken', problem: messageOf(error) };
    }
  });
}

/** Files under the name of another file with something behind it: what others rename a file to, and what a crash leaves. */
export function renamedCopies(dir: string, name: string): readonly string[] {
  try {
    return readdirSync(dir)
      .filter(file => file.startsWith(`${name}.`))
      .sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
