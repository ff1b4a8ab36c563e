import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.ts';

/** What a sandbox writes down about itself, for `underlane sandbox ls` and `exec` and for the next start's clean-up. */
export interface SandboxRecord {
  readonly id: string;
  readonly dir: string;
  readonly startedAt: string;
  readonly supervisor: ProcessIdentity;
  /** The sandbox's first process; absent until it runs. */
  readonly init?: ProcessIdentity;
  readonly kubeconfig: string;
}

const PREFIX = 'underlane-sandbox-';
/** A folder without a record younger than this may belong to a sandbox that is just starting. */
const UNRECORDED_MS = 60_000;

/** Makes a new sandbox's folder, readable by its owner only, and its first record. */
export function createStateDir(): SandboxRecord {
  const dir = mkdtempSync(join(tmpdir(), PREFIX));
  const supervisor = identifyProcess(process.pid) ?? { pid: process.pid, startTicks: '' };
  const record: SandboxRecord = {
    id: dir.slice(dir.lastIndexOf(PREFIX) + PREFIX.length),
    dir,
    startedAt: new Date().toISOString(),
    supervisor,
    kubeconfig: join(dir, 'kubeconfig'),
  };
  writeRecord(record);
  return record;
}

/** Puts the record in place of the former one, at once. */
export function writeRecord(record: SandboxRecord): void {
  const file = join(record.dir, 'sandbox.json');
  writeFileSync(`${file}.tmp`, JSON.stringify(record));
  renameSync(`${file}.tmp`, file);
}

/** Sandboxes of this user whose supervisor lives, oldest first. */
export function listSandboxes(): SandboxRecord[] {
  return readStateDirs()
    .flatMap(({ record }) => (record !== undefined && isAlive(record.supervisor) ? [record] : []))
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

/** Removes what sandboxes left behind that were killed. */
export function removeStaleStateDirs(): void {
  for (const { dir, record } of readStateDirs()) {
    const isStale = record === undefined ? isOld(dir) : !isAlive(record.supervisor);
    if (isStale) rmSync(dir, { recursive: true, force: true });
  }
}

function readStateDirs(): { dir: string; record: SandboxRecord | undefined }[] {
  return readdirSync(tmpdir())
    .filter(name => name.startsWith(PREFIX))
    .map(name => join(tmpdir(), name))
    .filter(isOwn)
    .map(dir => ({ dir, record: readRecord(dir) }));
}

function isOwn(dir: string): boolean {
  const stat = statSync(dir, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.getuid?.();
}

function isOld(dir: string): boolean {
  const stat = statSync(dir, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > UNRECORDED_MS;
}

function readRecord(dir: string): SandboxRecord | undefined {
  try {
    // Written by writeRecord in a folder that only this user may write to.
    return JSON.parse(readFileSync(join(dir, 'sandbox.json'), 'utf8')) as SandboxRecord;
  } catch {
    return undefined;
  }
}
