import type { AttachDeps } from '../deps.ts';
import { entryId, type JournalEntry } from '../journal/entry.ts';
import { deleteEntry } from '../undo.ts';

/** Undoes an entry that was to be undone before, if it is still that very one. @throws as {@link deleteEntry} */
export async function finishEntry(entry: JournalEntry, deps: AttachDeps, signal: AbortSignal): Promise<void> {
  const current = deps.journal.find(entry.key);
  // A DEL was faster, or another ADD has been here meanwhile.
  if (current?.nonce !== entry.nonce) return;
  deps.log.info({ entry: entryId(entry.key), state: current.state }, 'Finishing what was left half done');
  await deleteEntry(current, deps, signal);
}
