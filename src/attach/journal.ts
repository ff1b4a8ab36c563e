import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Log, messageOf } from '#base';
import type { Change } from '#wiring';
import { type EntryKey, entryId, type JournalEntry } from './entry.ts';
import { AttachError } from './errors.ts';

/**
 * The node's durable record of attachments: one file each, replaced by rename, so that a reader sees the old or the new
 * one and never half of either. Synchronous on purpose: between deciding and recording nothing else may run.
 */
export interface Journal {
  find(key: EntryKey): JournalEntry | undefined;
  list(): readonly JournalEntry[];
  /**
   * Writes an entry, new or changed. With `durable` it is on the disk when this returns (fsync): needed before something
   * that outlives a power cut, such as an exec'd plugin; kernel state does not.
   * @throws AttachError JOURNAL_WRITE; the former version stays
   */
  put(entry: JournalEntry, options?: { readonly durable?: boolean }): void;
  /** Removes an entry; an absent one is fine. */
  remove(key: EntryKey): void;
}

/**
 * Opens the journal in `dir` (made if absent, 0700) and reads what is there. A file that cannot be read as an entry is
 * renamed to `*.broken` with a message, and the node goes on.
 */
export function openJournal(dir: string, log: Log): Journal {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const entries = new Map<string, JournalEntry>();
  for (const file of readdirSync(dir)) {
    const path = join(dir, file);
    if (file.endsWith('.tmp')) rmSync(path, { force: true });
    if (!file.endsWith('.json')) continue;
    try {
      const entry = parseEntry(readFileSync(path, 'utf8'));
      entries.set(entryId(entry.key), entry);
    } catch (error) {
      renameSync(path, `${path}.broken`);
      log.error({ file: path, error: messageOf(error) }, 'Journal file is unreadable; set aside as *.broken');
    }
  }

  return {
    find: key => entries.get(entryId(key)),
    list: () => [...entries.values()],
    put(entry, options = {}) {
      const id = entryId(entry.key);
      const path = join(dir, fileName(id));
      try {
        writeReplacing(path, JSON.stringify(entry), options.durable ?? false);
        if (options.durable) syncDirectory(dir);
      } catch (error) {
        rmSync(`${path}.tmp`, { force: true });
        throw new AttachError('JOURNAL_WRITE', `Cannot write journal file "${path}": ${messageOf(error)}`, {
          cause: error,
        });
      }
      entries.set(id, entry);
    },
    remove(key) {
      const id = entryId(key);
      rmSync(join(dir, fileName(id)), { force: true });
      entries.delete(id);
    },
  };
}

/** A container ID may be as long as its runtime likes, a file's name may not. */
function fileName(id: string): string {
  return id.length <= 200 ? `${id}.json` : `${id.slice(0, 120)}+${createHash('sha256').update(id).digest('hex')}.json`;
}

function writeReplacing(path: string, text: string, durable: boolean): void {
  const fd = openSync(`${path}.tmp`, 'w', 0o600);
  try {
    writeFileSync(fd, text);
    if (durable) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.tmp`, path);
}

function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function parseEntry(text: string): JournalEntry {
  // Written by this file alone; the format number and the outline tell a truncated or foreign file.
  const entry = JSON.parse(text) as Partial<JournalEntry> | null;
  if (entry?.format !== 1 || entry.key === undefined || !Array.isArray(entry.attachments)) {
    throw new AttachError('JOURNAL_FORMAT', 'Not a journal entry: expected format 1 with key and attachments');
  }
  return entry as JournalEntry;
}

/** Every change that an entry's own plugins made or planned, in order. */
export function changesOf(entry: JournalEntry): readonly Change[] {
  return entry.attachments.flatMap(attachment =>
    attachment.segments.flatMap(segment => (segment.kind === 'wiring' ? segment.changes : [])),
  );
}

/**
 * The shared items that stand in the kernel because of us, by key. A later user records the same change, so that whoever
 * is last removes the item, and something that was there before us is left to its owner.
 */
export function ownShared(journal: Journal): ReadonlyMap<string, Change> {
  const own = new Map<string, Change>();
  for (const entry of journal.list()) {
    for (const change of changesOf(entry)) {
      const key = change.item.shared;
      if (key !== undefined && change.op !== 'keep' && !own.has(key)) own.set(key, change);
    }
  }
  return own;
}

/**
 * Whether any entry but `except` uses the shared item. One that is being undone does not: two last users at once would
 * else each leave the item to the other.
 */
export function isSharedInUse(journal: Journal, key: string, except: EntryKey): boolean {
  const exceptId = entryId(except);
  return journal
    .list()
    .filter(entry => entryId(entry.key) !== exceptId && entry.state !== 'deleting' && entry.state !== 'undone')
    .some(entry => changesOf(entry).some(change => change.item.shared === key));
}
