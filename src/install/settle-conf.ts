import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { codeOf, replaceFile, syncFolder, UnderlaneError } from '#base';
import type { JsonObject } from '#cni';
import { readNetworkFile } from '#networks';
import { choosePrimary, type Primary } from './choose-primary.ts';
import { CONF_NAME, type ConfOptions, confFor, confForName, formatConf } from './conf-file.ts';
import { makeDir, nodeFileError } from './node-files.ts';
import { readConfDir } from './read-conf-dir.ts';

/** What decides about our configuration. */
export interface ConfWishes extends ConfOptions {
  /** Directory of the runtime's configurations. */
  readonly confDir: string;
  /** Where the primary network is found. @default confDir */
  readonly primaryDir?: string;
  /** The default network, where the operator has named it; else the primary one is found. */
  readonly clusterNetwork?: string;
  /** What the agent has in a file of its own of the keys that Multus has in its configuration. */
  readonly settings?: JsonObject;
  /** The only file that may be taken for the primary network. */
  readonly primaryFile?: string;
}

/** What our configuration should be. */
export type WantedConf =
  | { readonly kind: 'write'; readonly text: string; readonly primary?: Primary }
  | { readonly kind: 'keep' | 'none'; readonly why: string };

export function primaryDirOf({ confDir, primaryDir }: ConfWishes): string {
  return primaryDir ?? confDir;
}

/** Looks at what there is. */
export function wantedConf(wishes: ConfWishes, former: Primary | undefined): WantedConf {
  const { clusterNetwork, primaryFile } = wishes;
  const dir = primaryDirOf(wishes);
  if (clusterNetwork !== undefined) return confOfNamed(clusterNetwork, wishes);
  const choice = choosePrimary(readConfDir(dir), former, primaryFile);
  if (choice.kind !== 'use') return choice;
  const { file, network } = choice;
  return {
    kind: 'write',
    text: formatConf(confFor(network, join(dir, file), wishes)),
    primary: { file, name: network.name },
  };
}

function confOfNamed(clusterNetwork: string, wishes: ConfWishes): WantedConf {
  if (!isAbsolute(clusterNetwork)) return { kind: 'write', text: formatConf(confForName(clusterNetwork, wishes)) };
  try {
    const network = readNetworkFile(clusterNetwork);
    return { kind: 'write', text: formatConf(confFor(network, clusterNetwork, wishes)) };
  } catch (error) {
    if (error instanceof UnderlaneError) return { kind: 'keep', why: error.message };
    throw error;
  }
}

/** What our configuration is; undefined when it is not there. */
export function readConf(confDir: string): string | undefined {
  try {
    return readFileSync(join(confDir, CONF_NAME), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, readable by root alone, on disk when it resolves. @throws InstallError NODE_FILE */
export async function writeConf(confDir: string, text: string): Promise<void> {
  makeDir(confDir, 0o755);
  const path = join(confDir, CONF_NAME);
  try {
    await replaceFile(path, text);
    await syncFolder(confDir);
  } catch (error) {
    throw nodeFileError(path, error);
  }
}
