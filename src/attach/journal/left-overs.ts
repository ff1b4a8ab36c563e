import { entryId, type JournalEntry } from './entry.ts';

/** What a crash left half done. A nested entry goes with its parent; one that has lost it is of no use to anybody. */
export function leftOvers(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const byId = new Map(entries.map(entry => [entryId(entry.key), entry]));
  return entries.filter(({ state, parent: parentId }) => {
    const parent = parentId === undefined ? undefined : byId.get(parentId);
    if (parent === undefined) return state !== 'added' || parentId !== undefined;
    return state !== 'added' && parent.state === 'added';
  });
}
