import { codeOf, messageOf, readPlainFileSync } from '#base';
import { type FlatFile, type FlatFileSource, flatFilePaths } from '#ipam';
import { AttachError } from '../errors.ts';

/** Installers write a few hundred bytes. */
const SIZE_LIMIT = 64 * 1024;

/**
 * Looks on this node for the settings that all Whereabouts configurations share. A node without is nothing special: what
 * the file is for elsewhere, reaching the API server, is the agent's own affair here.
 */
export function flatFileSource(confDir: string): FlatFileSource {
  return configurationPath => {
    for (const path of flatFilePaths(configurationPath, confDir)) {
      const file = readIfThere(path);
      if (file !== undefined) return file;
    }
    return undefined;
  };
}

/** @throws AttachError NETWORK_CONFIG for a file that is there and cannot be read */
function readIfThere(path: string): FlatFile | undefined {
  try {
    return { path, text: readPlainFileSync(path, SIZE_LIMIT) };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw new AttachError(
      'NETWORK_CONFIG',
      `Cannot read the Whereabouts settings in file "${path}": ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
