import { entryId, isPlugged, type JournalEntry } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';

/** Entries of what came to a pod after its own entry, as far as they are made. */
export function pluggedInto(main: JournalEntry, journal: Pick<Journal, 'list'>): readonly JournalEntry[] {
  const id = entryId(main.key);
  return journal.list().filter(entry => entry.parent === id && isPlugged(entry) && entry.state === 'added');
}
