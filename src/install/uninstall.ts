import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, syncFolder, systemClock } from '#base';
import { CONF_NAME, isOwnConf } from './conf-file.ts';
import { InstallError } from './errors.ts';
import { type InstallRecord, readRecord, removeRecord, writeRecord } from './install-record.ts';
import { nodeFileError } from './node-files.ts';
import { isOwnProgram } from './program.ts';
import { renamedCopies } from './read-conf-dir.ts';

const SECOND_LOOK_MS = 1_000;

/** Where to look for what was put on a node; a record of it knows better. */
export interface Installed {
  readonly stateDir: string;
  readonly confDir: string;
  readonly binDir: string;
}

/**
 * Takes everything of ours away that the record names, or that has our name in the directories: the configuration first, so
 * that no pod is sent to a program that is gone. Files of others stay, also what others have renamed. Can be repeated, and
 * does what is left to do after any half-done installation or removal. The journal stays.
 * @returns sentences about what was done
 * @throws InstallError NODE_FILE
 */
export async function uninstall(installed: Installed, clock = systemClock): Promise<readonly string[]> {
  const said: string[] = [];
  const record = recordOf(installed.stateDir, said);
  await takeAway(installed, record, said);
  if (record?.state === 'installed') {
    // An agent that looked before may be about to write what it thinks is missing. It does not begin to any more.
    await clock.sleep(SECOND_LOOK_MS);
    await takeAway(installed, record, []);
  }
  return said.length > 0 ? said : ['There is nothing of Underlane on this node'];
}

async function takeAway(
  { stateDir, confDir, binDir }: Installed,
  record: InstallRecord | undefined,
  said: string[],
): Promise<void> {
  if (record !== undefined) writeRecord(stateDir, { ...record, state: 'removing' });
  for (const dir of new Set([record?.confDir ?? confDir, confDir])) await removeConf(dir, said);
  for (const path of new Set([...(record?.programs ?? []), join(binDir, 'underlane')])) {
    removeIf(path, isOwnProgram, said);
    // What a crash left of it, under a name that nobody else has.
    rmSync(`${path}.underlane-tmp`, { force: true });
  }
  removeRecord(stateDir);
}

/** Our configuration and what others have renamed it to. */
export async function removeConf(confDir: string, said: string[]): Promise<void> {
  const names = [CONF_NAME, ...renamedCopies(confDir, CONF_NAME)];
  for (const name of names) removeIf(join(confDir, name), isOwnConfFile, said);
  await syncIfThere(confDir);
}

/** Whoever wants to be rid of us must not be stopped by a broken record. */
function recordOf(stateDir: string, said: string[]): InstallRecord | undefined {
  try {
    return readRecord(stateDir);
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    said.push(error.message);
    return undefined;
  }
}

function removeIf(path: string, isOurs: (path: string) => boolean, said: string[]): void {
  if (!existsSync(path)) return;
  if (!isOurs(path)) {
    said.push(`Left "${path}" as it is: it is not ours`);
    return;
  }
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw nodeFileError(path, error);
  }
  said.push(`Removed "${path}"`);
}

/** A temporary file may hold half of it; under that name it is ours all the same. */
function isOwnConfFile(path: string): boolean {
  return path.endsWith(`${CONF_NAME}.tmp`) || isOwnConf(readFileSync(path, 'utf8'));
}

async function syncIfThere(dir: string): Promise<void> {
  try {
    await syncFolder(dir);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
