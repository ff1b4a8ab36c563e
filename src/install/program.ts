import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeOf, syncFolder } from '#base';
import { InstallError } from './errors.ts';
import { nodeFileError } from './node-files.ts';

/** By which each program of ours is known: what it says when a person starts it, or the script that it runs. */
const MARKS = ['of Underlane: to be run by a container runtime', '/lib/shim.mjs'];

/**
 * The program that runtimes call, as it can be put anywhere on this node.
 * @param distDir holds `cni/`, and for the variant in JavaScript `bin/` and `lib/`
 * @throws InstallError PROGRAM_MISSING
 */
export function readProgram(distDir: string): Uint8Array {
  const path = join(distDir, 'cni', 'underlane');
  let program: Buffer;
  try {
    program = readFileSync(path);
  } catch (error) {
    throw new InstallError('PROGRAM_MISSING', `Cannot read the CNI program "${path}", expected it from the build`, {
      cause: error,
    });
  }
  if (!program.subarray(0, 2).equals(Buffer.from('#!'))) return program;
  // Looks for what it runs beside itself; a copy of it must look here.
  const [node, script] = ['bin/node', 'lib/shim.mjs'].map(name => quote(join(resolve(distDir), name)));
  return Buffer.from(`#!/bin/sh\nexec ${node} ${script} "\${0##*/}"\n`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Names that the program answers to. @throws InstallError PROGRAM_MISSING */
export function programNames(distDir: string): readonly string[] {
  const path = join(distDir, 'cni');
  try {
    return readdirSync(path).sort();
  } catch (error) {
    throw new InstallError('PROGRAM_MISSING', `Cannot read "${path}", expected it from the build`, { cause: error });
  }
}

/** Where the program comes from: `dist`, whether it is what runs or lies in the checkout. */
export function findDistDir(): string {
  const [bundled, checkout] = ['..', '../../dist'].map(relative => fileURLToPath(new URL(relative, import.meta.url)));
  return bundled !== undefined && existsSync(join(bundled, 'cni', 'underlane')) ? bundled : (checkout ?? '');
}

/** Whether a file is one of our programs, of whatever version. False without the file. */
export function isOwnProgram(path: string): boolean {
  try {
    const bytes = readFileSync(path);
    return MARKS.some(mark => bytes.includes(mark));
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes(codeOf(error))) return false;
    throw error;
  }
}

/**
 * Puts the program under a path, whole or not at all, also while an older one of ours runs there. The same one stays as it is.
 * @returns whether something was written
 * @throws InstallError FOREIGN_FILE: what somebody else has there is never replaced; NODE_FILE
 */
export async function putProgram(program: Uint8Array, path: string): Promise<boolean> {
  const isThere = existsSync(path);
  if (isThere && !isOwnProgram(path)) throw foreign(path);
  if (isThere && readFileSync(path).equals(program)) return false;
  const tmp = `${path}.underlane-tmp`;
  try {
    await rm(tmp, { force: true });
    await writeProgram(program, tmp);
    if (isThere) await rename(tmp, path);
    else await link(tmp, path);
    await syncFolder(join(path, '..'));
  } catch (error) {
    // Somebody was quicker: rename() would have taken theirs away.
    if (codeOf(error) === 'EEXIST') throw foreign(path);
    throw nodeFileError(path, error);
  } finally {
    await rm(tmp, { force: true });
  }
  return true;
}

async function writeProgram(program: Uint8Array, path: string): Promise<void> {
  const file = await open(path, 'wx', 0o755);
  try {
    await file.chmod(0o755);
    await file.writeFile(program);
    await file.sync();
  } finally {
    await file.close();
  }
}

function foreign(path: string): InstallError {
  return new InstallError(
    'FOREIGN_FILE',
    `Cannot install "${path}": another program has that name, expected none or ours`,
  );
}
