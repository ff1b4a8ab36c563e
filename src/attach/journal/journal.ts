import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, type Log, messageOf, replaceFileSync, syncFolderSync } from '#base';
import { AttachError } from '../errors.ts';
import { type EntryKey, entryId, type JournalEntry } from './entry.ts';
import { createHoldings, type Holdings } from './holdings.ts';
import { ENTRY_STATES, parseEntry } from './parse-entry.ts';

/**
 * The node's durable record of attachments: one file each, whose name says the state. It appears and changes by rename, so
 * that a reader sees the old or the new one and never half of either; a mere change of state moves no data.
 * Synchronous on purpose: between deciding and recording nothing else may run.
 */
export interface Journal {
  find(key: EntryKey): JournalEntry | undefined;
  list(): readonly JournalEntry[];
  /** What the entries hold. */
  readonly holdings: Holdings;
  /**
   * Writes an entry, new or changed. One with an exec'd plugin is on the disk when this returns (fsync), since what that
   * keeps outlives a power cut; kernel state does not.
   * @throws AttachError JOURNAL_WRITE; the former version stays
   */
  put(entry: JournalEntry): void;
  /** Removes an entry; an absent one is fine. @throws AttachError JOURNAL_WRITE; the entry stays */
  remove(key: EntryKey): void;
}

/**
 * Opens the journal in `dir` (made if absent, 0700) and reads what is there. A file that cannot be read as an entry is
 * renamed to `*.broken` with a message, and the node goes on.
 */
export function openJournal(dir: string, log: Log): Journal {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const entries = readEntries(dir, log);
  const holdings = createHoldings();
  for (const entry of entries.values()) holdings.put(entry);

  function write(entry: JournalEntry, former: JournalEntry | undefined): void {
    const path = join(dir, fileName(entry));
    const formerPath = former === undefined || former.state === entry.state ? undefined : join(dir, fileName(former));
    const isMoved = former !== undefined && formerPath !== undefined && isSameButState(former, entry);
    // To be found under its former name after a power cut does no harm.
    if (isMoved && moveIfThere(formerPath, path)) return;
    const isDurable = outlivesPowerCut(entry);
    replaceFileSync(path, JSON.stringify(entry), isDurable);
    if (formerPath !== undefined) rmSync(formerPath, { force: true });
    if (isDurable) syncFolderSync(dir);
  }

  function cannot(verb: string, entry: JournalEntry, cause: unknown): AttachError {
    const path = join(dir, fileName(entry));
    return new AttachError('JOURNAL_WRITE', `Cannot ${verb} journal file "${path}": ${messageOf(cause)}`, {
      cause,
      retriable: true,
    });
  }

  return {
    find: key => entries.get(entryId(key)),
    list: () => [...entries.values()],
    holdings,
    put(entry) {
      const id = entryId(entry.key);
      try {
        write(entry, entries.get(id));
      } catch (error) {
        throw cannot('write', entry, error);
      }
      entries.set(id, entry);
      holdings.put(entry);
    },
    remove(key) {
      const former = entries.get(entryId(key));
      if (former === undefined) return;
      try {
        rmSync(join(dir, fileName(former)), { force: true });
      } catch (error) {
        throw cannot('remove', former, error);
      }
      entries.delete(entryId(key));
      holdings.remove(key);
    },
  };
}

function readEntries(dir: string, log: Log): Map<string, JournalEntry> {
  const entries = new Map<string, JournalEntry>();
  for (const file of readdirSync(dir)) {
    const path = join(dir, file);
    if (file.endsWith('.tmp')) rmSync(path, { force: true });
    if (!file.endsWith('.json')) continue;
    try {
      const entry = parseEntry(readFileSync(path, 'utf8'), file);
      // Under another name it would never be removed.
      if (fileName(entry) !== file) throw misnamed(entry);
      const id = entryId(entry.key);
      const other = entries.get(id);
      const stale = other === undefined ? undefined : [entry, other].sort((a, b) => rank(a) - rank(b))[0];
      if (stale !== undefined) rmSync(join(dir, fileName(stale)), { force: true });
      if (stale !== entry) entries.set(id, entry);
    } catch (error) {
      renameSync(path, `${path}.broken`);
      log.error({ file: path, error: messageOf(error) }, 'Journal file is unreadable; set aside as *.broken');
    }
  }
  return entries;
}

function misnamed(entry: JournalEntry): AttachError {
  return new AttachError(
    'JOURNAL_FORMAT',
    `Cannot use a journal entry under another name, expected "${fileName(entry)}"`,
  );
}

function rank(entry: JournalEntry): number {
  return ENTRY_STATES.indexOf(entry.state);
}

/** `<container>+<ifname>+<plugin>+<network>.<state>.json`; a container ID may be as long as its runtime likes, a file's name may not. */
function fileName(entry: JournalEntry): string {
  const id = entryId(entry.key);
  const stem = id.length <= 200 ? id : `${id.slice(0, 120)}+${createHash('sha256').update(id).digest('hex')}`;
  return `${stem}.${entry.state}.json`;
}

/** Also when the rest of it changes: the version on the disk would give way to one that is not there yet. */
function outlivesPowerCut({ attachments }: JournalEntry): boolean {
  return attachments.some(({ segments }) => segments.some(({ kind }) => kind === 'exec'));
}

/** By reference: entries are never changed in place. */
function isSameButState(a: JournalEntry, b: JournalEntry): boolean {
  return Object.entries({ ...a, state: b.state }).every(([key, value]) => Object.is(value, Reflect.get(b, key)));
}

/** False when somebody has taken the file away; what it said is known. */
function moveIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
