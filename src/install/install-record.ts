import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf, replaceFileSync, syncFolderSync } from '#base';
import { isJsonObject, parseShallowJson } from '#cni';
import type { Primary } from './choose-primary.ts';
import { InstallError } from './errors.ts';
import { makeDir, nodeFileError } from './node-files.ts';

/** What we have put on the node, or are about to. Written before the files, and gone after them. */
export interface InstallRecord {
  readonly format: 1;
  /** `removing`: whoever keeps the files in place must not do so any longer. */
  readonly state: 'installed' | 'removing';
  readonly confDir: string;
  readonly programs: readonly string[];
  /** The network that we stand in front of. */
  readonly primary?: Primary;
  /** Our configuration as last decided. */
  readonly conf?: string;
}

function pathIn(stateDir: string): string {
  return join(stateDir, 'install.json');
}

/** undefined: nothing is installed, or nobody knows. @throws InstallError INSTALL_RECORD */
export function readRecord(stateDir: string): InstallRecord | undefined {
  const path = pathIn(stateDir);
  try {
    const value = parseShallowJson(readFileSync(path, 'utf8'));
    // `as`: written by us alone, and looked at in what deletes by it.
    if (isJsonObject(value) && value['format'] === 1) return value as unknown as InstallRecord;
    throw new TypeError('it holds something else than a record of this version');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new InstallError('INSTALL_RECORD', `Cannot read "${path}": ${messageOf(error)}`, { cause: error });
  }
}

/** On disk when this returns. @throws InstallError NODE_FILE */
export function writeRecord(stateDir: string, record: InstallRecord): void {
  makeDir(stateDir, 0o700);
  const path = pathIn(stateDir);
  try {
    replaceFileSync(path, `${JSON.stringify(record)}\n`, true);
    syncFolderSync(stateDir);
  } catch (error) {
    throw nodeFileError(path, error);
  }
}

export function removeRecord(stateDir: string): void {
  const path = pathIn(stateDir);
  rmSync(path, { force: true });
  rmSync(`${path}.tmp`, { force: true });
}
