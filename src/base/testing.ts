/** What tests of files share. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'node:test';

/** Registers the hooks: before each test `set` gets an empty folder of its own, which goes with all that is in it. */
export function setEachFolder(set: (path: string) => void): void {
  let path: string;
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'underlane-test-'));
    set(path);
  });
  // A test may have taken it away.
  afterEach(() => rmSync(path, { recursive: true, force: true }));
}

/** Writes a file, as JSON unless it is a text, and the folders that lead to it. @returns its path */
export function putFile(folder: string, name: string, content: unknown): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
