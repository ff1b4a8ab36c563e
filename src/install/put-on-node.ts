import { join } from 'node:path';
import { InstallError } from './errors.ts';
import { type InstallRecord, readRecord, writeRecord } from './install-record.ts';
import { makeDir } from './node-files.ts';
import { settingsPassedOver } from './passed-over.ts';
import { putProgram } from './program.ts';
import { readConfDir } from './read-conf-dir.ts';
import { type ConfWishes, wantedConf, writeConf } from './settle-conf.ts';
import { removeConf } from './uninstall.ts';

/** What is to be put on a node, and where. */
export interface Installation extends ConfWishes {
  readonly stateDir: string;
  /** Directory of the runtime's plugins. */
  readonly binDir: string;
  /** The program that runtimes call. */
  readonly program: Uint8Array;
  /** More names for it, where nobody has them. */
  readonly names?: readonly string[];
}

/** A begun installation. */
export interface Begun {
  /** With what a former installation knew of the same directory. */
  readonly record: InstallRecord;
  /** Sentences about names that somebody else has. */
  readonly refused: readonly string[];
}

/**
 * Records that we are on this node and puts the program into its place: whatever is put there afterwards can be taken away.
 * @throws InstallError FOREIGN_FILE where somebody else has our own name; NODE_FILE
 */
export async function begin(installation: Installation): Promise<Begun> {
  const { binDir, confDir, names = [], program, stateDir } = installation;
  const path = join(binDir, 'underlane');
  const others = names.map(name => join(binDir, name));
  const former = await formerRecord(stateDir, confDir);
  const programs = [...new Set([...(former?.programs ?? []), path, ...others])];
  const record: InstallRecord = { ...former, format: 1, state: 'installed', confDir, programs };
  makeDir(binDir, 0o755);
  writeRecord(stateDir, record);
  await putProgram(program, path);
  const refused: string[] = [];
  for (const other of others) {
    try {
      await putProgram(program, other);
    } catch (error) {
      if (!(error instanceof InstallError && error.code === 'FOREIGN_FILE')) throw error;
      refused.push(error.message);
    }
  }
  return { record, refused };
}

/**
 * One that cannot be read is as good as none: everything in it is found anew. What it says of another directory goes with
 * the configuration there, or nobody would know of that any longer.
 */
async function formerRecord(stateDir: string, confDir: string): Promise<InstallRecord | undefined> {
  try {
    const record = readRecord(stateDir);
    if (record === undefined || record.confDir === confDir) return record;
    await removeConf(record.confDir, []);
    return { format: 1, state: 'installed', confDir, programs: record.programs };
  } catch (error) {
    if (error instanceof InstallError) return undefined;
    throw error;
  }
}

/**
 * Puts us in front of the node's primary network, once: what changes later is the agent's to follow.
 * @returns sentences about what was done
 * @throws InstallError NO_PRIMARY; FOREIGN_FILE; NODE_FILE
 */
export async function install(installation: Installation): Promise<readonly string[]> {
  const { confDir, stateDir } = installation;
  const { record, refused } = await begin(installation);
  const wanted = wantedConf(installation, record.primary);
  const text = wanted.kind === 'write' ? wanted.text : record.conf;
  if (text === undefined) {
    throw new InstallError('NO_PRIMARY', `Cannot install into "${confDir}": ${why(wanted)}`);
  }
  if (wanted.kind === 'write') {
    const { primary: _, ...rest } = record;
    writeRecord(stateDir, {
      ...rest,
      conf: text,
      ...(wanted.primary === undefined ? {} : { primary: wanted.primary }),
    });
  }
  await writeConf(confDir, text);
  const about = wanted.kind === 'write' ? wanted.primary?.file : record.primary?.file;
  return [
    ...refused,
    ...settingsPassedOver(readConfDir(confDir), installation),
    `The program is "${join(installation.binDir, 'underlane')}"`,
    `The configuration in "${confDir}" calls it${about === undefined ? '' : `, with the network of "${about}" as the default one`}`,
  ];
}

function why(wanted: ReturnType<typeof wantedConf>): string {
  return wanted.kind === 'write' ? '' : wanted.why;
}
