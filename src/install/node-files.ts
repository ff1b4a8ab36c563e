import { mkdirSync } from 'node:fs';
import { messageOf } from '#base';
import { InstallError } from './errors.ts';

/** What the node refuses about a file, with the file's name: the kernel does not say it of a disk that is full. */
export function nodeFileError(path: string, error: unknown): InstallError {
  if (error instanceof InstallError) return error;
  return new InstallError('NODE_FILE', `Cannot change "${path}": ${messageOf(error)}`, { cause: error });
}

/** With the directories above it, unless it is there. @throws InstallError NODE_FILE */
export function makeDir(path: string, mode: number): void {
  try {
    mkdirSync(path, { recursive: true, mode });
  } catch (error) {
    throw nodeFileError(path, error);
  }
}
