import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a running pod's namespace is, for `underlane sandbox exec`. */
export interface PodRecord {
  readonly netns: string;
  readonly node: string;
}

/** Object names hold no underscore, so the file's name is unambiguous. */
export function podRecordFile(stateDir: string, namespace: string, name: string): string {
  return join(stateDir, 'pods', `${namespace}_${name}.json`);
}

export function writePodRecord(file: string, record: PodRecord): Promise<void> {
  return writeFile(file, JSON.stringify(record));
}

export function removePodRecord(file: string): Promise<void> {
  return rm(file, { force: true });
}
