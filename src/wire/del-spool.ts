import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { codeOf, messageOf, replaceFile, syncFolder } from '#base';
import { WireError } from './errors.ts';
import { decodeRequest, type WireRequest } from './request-frame.ts';

/*
 * DELs that came while the agent was down: one file each, holding the request frame as it would have gone over the
 * socket, named <containerid>-<ifname>-<pid>-<ns>.req. A file appears whole (tmp, fsync, rename, fsync of the folder).
 *
 * Nothing is missed if the agent binds its socket first and lists the spool afterwards: a shim, having renamed its file,
 * tries the socket a last time, and takes the file back when it gets its reply after all. Both may then have done the
 * DEL, which is idempotent.
 */

/** The paths of all spooled DELs, oldest first; none when the folder does not exist. */
export async function listSpool(dir: string): Promise<readonly string[]> {
  const files = await readNames(dir);
  return files
    .filter(file => file.endsWith('.req'))
    .sort((a, b) => timeOf(a) - timeOf(b) || (a < b ? -1 : 1))
    .map(file => join(dir, file));
}

/** @throws WireError WIRE_SPOOL when the file is no request, so that the caller can {@link setAsideSpooled} */
export async function readSpooled(path: string): Promise<WireRequest> {
  const bytes = await readFile(path);
  try {
    return decodeRequest(bytes);
  } catch (error) {
    throw new WireError('WIRE_SPOOL', `Cannot use spooled DEL "${path}": ${messageOf(error)}`, { cause: error });
  }
}

/** Removes a spooled DEL, durably; an absent one is fine: its shim may have taken it back. */
export async function removeSpooled(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

/** Renames a file that is no request to `*.broken`, so that it is kept for people but never read again. */
export async function setAsideSpooled(path: string): Promise<void> {
  await rename(path, `${path}.broken`);
  await syncFolder(dirname(path));
}

/**
 * Writes a request's frame into the spool, on disk when this resolves. On failure no `.req` is left behind.
 * @param key what the file is named after, made fit for a file name
 * @returns the file's path
 */
export async function writeSpooled(dir: string, key: SpoolKey, frame: Uint8Array): Promise<string> {
  const created = await mkdir(dir, { recursive: true, mode: 0o700 });
  const name = [key.containerId, key.ifname, key.pid, key.nowNs].map(part => fileNamePart(String(part))).join('-');
  const path = join(dir, `${name}.req`);
  await replaceFile(path, frame);
  // A folder made just now must be as durable as what is in it: its own entry lies in its parent.
  const top = created === undefined ? resolve(dir) : dirname(resolve(created));
  for (let folder = resolve(dir); folder !== top; folder = dirname(folder)) await syncFolder(folder);
  await syncFolder(top);
  return path;
}

export interface SpoolKey {
  readonly containerId: string;
  readonly ifname: string;
  readonly pid: number;
  /** Nanoseconds since the epoch. */
  readonly nowNs: bigint;
}

/** The key comes from an environment that nobody has checked yet; what it is cut to stays unique by pid and time. */
function fileNamePart(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_.]/g, '_').slice(0, 80);
}

function timeOf(file: string): number {
  const time = Number(/-(\d+)\.req$/.exec(file)?.[1] ?? 0);
  return Number.isFinite(time) ? time : 0;
}

async function readNames(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
